'use strict';

/** The words for what orchestrators ask for, in messages about recorded histories. */

/** @import { Step } from './protocol' */
/** @import { RecordedRequest, Request } from './recording' */

/** What to do about a change. */
const ADVICE =
  'Running instances like this one would break. Keep the old path for their version and raise ' +
  '"defaultVersion" in src/host.json: see "Change the workflow" in README.md. ' +
  'If no instance runs the old code, record the history again.';

/**
 * Say what was asked for: `called activity "shipOrder"`.
 *
 * @param {RecordedRequest} recorded
 */
function did({ event, request }) {
  const verb = 'activity' in request ? 'called' : 'timer' in request ? 'started' : 'sent';
  return `${verb} ${nameOf(request, new Date(event.Timestamp))}`;
}

/**
 * Say what is asked for now: `calls activity "shipOrder"`.
 *
 * @param {Request} request
 * @param {Date} now
 */
function does(request, now) {
  const verb = 'activity' in request ? 'calls' : 'timer' in request ? 'starts' : 'sends';
  return `${verb} ${nameOf(request, now)}`;
}

/**
 * Say how a request differs from the recorded one.
 *
 * @param {RecordedRequest} recorded
 * @param {Request} request
 * @param {Date} now
 */
function contrast(recorded, request, now) {
  const isOnlyInput = nameOf(recorded.request, now) === nameOf(request, now);
  const input = (/** @type {Request} */ of) => (isOnlyInput ? inputOf(of) : '');
  return {
    did: did(recorded) + input(recorded.request),
    does: does(request, now) + input(request),
  };
}

/**
 * Say what an orchestrator waits for.
 *
 * @param {Step[]} steps
 * @param {Date} now
 */
function waits(steps, now) {
  return `waits for ${steps.map((step) => nameOf(step, now)).join(' and ')}`;
}

/**
 * Write a time in whole seconds.
 *
 * @param {number} milliseconds
 */
function seconds(milliseconds) {
  return `${Math.round(milliseconds / 1_000)} s`;
}

/**
 * @param {Step} step
 * @param {Date} now
 */
function nameOf(step, now) {
  if ('activity' in step) {
    return `activity "${step.activity}"`;
  }
  if ('timer' in step) {
    return `a timer of ${seconds(step.timer.getTime() - now.getTime())}`;
  }
  if ('entity' in step) {
    return `signal "${step.operation}" to entity "${step.entity}" with key "${step.key}"`;
  }
  return 'event' in step ? `event "${step.event}"` : 'the next generation';
}

/** @param {Request} request */
function inputOf(request) {
  if ('timer' in request) {
    return '';
  }
  const input = JSON.stringify(request.input);
  return 'entity' in request ? ` with input ${input}` : ` with ${input}`;
}

module.exports = { ADVICE, contrast, did, does, seconds, waits };
