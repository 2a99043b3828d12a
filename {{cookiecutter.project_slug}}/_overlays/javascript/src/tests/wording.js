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
 * @param {boolean} [withInput]
 */
function did({ event, request }, withInput = false) {
  const verb = 'activity' in request ? 'called' : 'timer' in request ? 'started' : 'sent';
  return `${verb} ${describe(request, new Date(event.Timestamp), withInput)}`;
}

/**
 * Say what is asked for now: `calls activity "shipOrder"`.
 *
 * @param {Request} request
 * @param {Date} now
 * @param {boolean} [withInput]
 */
function does(request, now, withInput = false) {
  const verb = 'activity' in request ? 'calls' : 'timer' in request ? 'starts' : 'sends';
  return `${verb} ${describe(request, now, withInput)}`;
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
  return { did: did(recorded, isOnlyInput), does: does(request, now, isOnlyInput) };
}

/**
 * Say what an orchestrator waits for.
 *
 * @param {Step[]} steps
 * @param {Date} now
 * @param {boolean} [withInputs]
 */
function waits(steps, now, withInputs = false) {
  return `waits for ${steps.map((step) => describe(step, now, withInputs)).join(' and ')}`;
}

/**
 * Return whether a step has the same activity: then only the inputs tell them apart.
 *
 * @param {RecordedRequest} recorded
 * @param {Step[]} steps
 */
function needsInput({ request }, steps) {
  return (
    'activity' in request &&
    steps.some((step) => 'activity' in step && step.activity === request.activity)
  );
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
 * @param {boolean} withInput
 */
function describe(step, now, withInput) {
  return nameOf(step, now) + (withInput ? inputOf(step) : '');
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

/** @param {Step} step */
function inputOf(step) {
  if (!('input' in step) || step.input === undefined) {
    return '';
  }
  const input = JSON.stringify(step.input);
  return 'entity' in step ? ` with input ${input}` : ` with ${input}`;
}

module.exports = { ADVICE, contrast, did, does, needsInput, seconds, waits };
