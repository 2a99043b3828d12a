'use strict';

/** Recorded histories: what `scripts/record-history` saves, a status of the Durable extension. */

/** @import { Activity, Signal, Timer } from './protocol' */

const { globSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { isDeepStrictEqual } = require('node:util');

const { SRC } = require('./app');

/**
 * An event of a history; its type decides which fields it has.
 *
 * @typedef {object} RecordedEvent
 * @property {string} EventType
 * @property {string} Timestamp
 * @property {string | null} [Details]
 * @property {string} FireAt
 * @property {string} FunctionName
 * @property {string | null} [Input] JSON.
 * @property {string} InstanceId
 * @property {string} Name
 * @property {string} [OrchestrationStatus]
 * @property {string} Reason
 * @property {unknown} [Result]
 * @property {string} [ScheduledTime]
 */

/**
 * The status of an instance with its history.
 *
 * @typedef {object} Recording
 * @property {string} [instanceId]
 * @property {string} [version]
 * @property {unknown} [customStatus]
 * @property {RecordedEvent[] | null} historyEvents
 */

/** @typedef {Activity | Timer | Signal} Request What an orchestrator asks the host for. */

/**
 * A request of the recorded orchestrator; an input that was not recorded is undefined.
 *
 * @typedef {object} RecordedRequest
 * @property {RecordedEvent} event
 * @property {Request} request
 * @property {string} time When the orchestrator asked, as `sortable` returns it.
 */

/** The milliseconds by which times may differ: a host runs an orchestrator after the event. */
const TOLERANCE = 500;

const HISTORIES = path.join(SRC, 'tests', 'histories');

/** The names of the recorded files. */
const RECORDINGS = globSync('*.json', { cwd: HISTORIES });

/**
 * Read a file of `RECORDINGS`, which may hold anything.
 *
 * @param {string} name
 * @returns {Partial<Recording>}
 */
function readRecording(name) {
  return parsed(readFileSync(path.join(HISTORIES, name), 'utf8')) ?? {};
}

/**
 * Return what the recorded orchestrator asked for, in the order of its calls.
 *
 * @param {RecordedEvent[]} events
 * @returns {RecordedRequest[]}
 */
function requestsOf(events) {
  const requests = events.flatMap((event) => {
    const request = requestOf(event);
    const time = sortable(event.ScheduledTime ?? event.Timestamp);
    return request ? [{ event, request, time }] : [];
  });
  return requests.sort((one, other) => (one.time < other.time ? -1 : +(one.time > other.time)));
}

/**
 * @param {RecordedEvent} event
 * @returns {Request | undefined}
 */
function requestOf(event) {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
      return { activity: event.FunctionName, input: inputOf(event) };
    case 'TaskScheduled':
      return { activity: event.Name, input: inputOf(event) };
    case 'TimerCreated':
      return { timer: new Date(event.FireAt) };
    case 'EventSent':
      return signalOf(event);
    default:
      return undefined;
  }
}

/**
 * Return the input of an activity: in a list of one, and a text as JSON once more.
 *
 * @param {RecordedEvent} event
 */
function inputOf({ Input }) {
  if (Input == null) {
    return undefined;
  }
  const inputs = parsed(Input);
  return parsed(Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs);
}

/**
 * @param {RecordedEvent} event
 * @returns {Signal}
 */
function signalOf({ InstanceId, Input }) {
  const [, entity, ...key] = InstanceId.split('@');
  const { op, input } = parsed(Input);
  return { entity, key: key.join('@'), operation: op, input: parsed(input) ?? null };
}

/**
 * Return the value of a JSON text; all other values remain as they are.
 *
 * @param {any} value
 */
function parsed(value) {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}

/**
 * Return whether a request, made at a time of the replay, repeats a recorded one.
 *
 * @param {Request} request
 * @param {Date} now
 * @param {RecordedRequest} recorded
 */
function repeats(request, now, { event, request: before }) {
  if ('timer' in request && 'timer' in before) {
    const delay = before.timer.getTime() - request.timer.getTime();
    const longest = new Date(event.Timestamp).getTime() - now.getTime();
    return delay >= -TOLERANCE && delay <= longest + TOLERANCE;
  }
  if ('activity' in request && 'activity' in before) {
    const isRecorded = before.input !== undefined;
    const isSameInput = !isRecorded || isDeepStrictEqual(request.input ?? null, before.input);
    return request.activity === before.activity && isSameInput;
  }
  return isDeepStrictEqual(request, before);
}

/**
 * Return the milliseconds from one time to another.
 *
 * @param {string} start
 * @param {string} end
 */
function timeBetween(start, end) {
  return new Date(end).getTime() - new Date(start).getTime();
}

/**
 * Return a time as a text that sorts as the times do: a Date has only three of its seven digits.
 *
 * @param {string} time
 */
function sortable(time) {
  const [seconds, fraction = ''] = time.replace('Z', '').split('.');
  return `${seconds}.${fraction.padEnd(7, '0')}`;
}

module.exports = {
  parsed,
  readRecording,
  RECORDINGS,
  repeats,
  requestsOf,
  sortable,
  timeBetween,
  TOLERANCE,
};
