'use strict';

/**
 * The protocol between host and SDK: the history of an orchestration in, out all actions that its
 * orchestrator has taken so far. Numbers and names are those of the SDK.
 */

/** @import { RetryOptions } from 'durable-functions' */
/** @import { Handler } from './app' */

const df = require('durable-functions');
const assert = require('node:assert/strict');
const { inspect, isDeepStrictEqual } = require('node:util');

const { notes } = require('./recorder');

/**
 * How often an activity is tried; times in milliseconds. Each pause is `backoff` times as long.
 *
 * @typedef {{ attempts: number, interval: number, backoff?: number, maxInterval?: number }} Retry
 */

/**
 * A call of an activity.
 *
 * @typedef {{ activity: string, input: unknown, retry?: Retry }} Activity
 */

/**
 * An operation of an entity whose result nobody waits for.
 *
 * @typedef {{ entity: string, key: string, operation: string, input: unknown }} Signal
 */

/** @typedef {{ timer: Date }} Timer When it is due. */
/** @typedef {{ event: string }} ExternalEvent Its name. */
/** @typedef {{ continueAsNew: unknown }} Restart The input of the next generation. */

/**
 * What an orchestrator asks the host for.
 *
 * @typedef {Activity | Signal | Timer | ExternalEvent | Restart} Step
 */

/**
 * What an orchestrator has done so far.
 *
 * @typedef {object} Progress
 * @property {Step[]} steps
 * @property {number[]} canceled The positions of cancelled timers in `steps`.
 * @property {unknown[]} created The tasks that it has created, yielded or not.
 * @property {boolean} isDone
 * @property {unknown} [output]
 * @property {unknown} [customStatus]
 */

/** @typedef {{ EventType: 0, Version: string }} Started */
/** @typedef {{ EventType: 5, TaskScheduledId: number, Result: string }} ActivityCompleted */
/** @typedef {{ EventType: 6, TaskScheduledId: number, Reason: string, Details: string }} ActivityFailed */
/** @typedef {{ EventType: 11, TimerId: number }} TimerFired */
/** @typedef {{ EventType: 12, Timestamp: string }} OrchestratorRuns Because of the next event. */
/** @typedef {{ EventType: 15, Name: string, Input: string }} EventRaised */

/** @typedef {Started | ActivityCompleted | ActivityFailed | TimerFired | OrchestratorRuns | EventRaised} HistoryEvent */

/**
 * An action of the SDK; its type decides which fields it has.
 *
 * @typedef {object} Action
 * @property {number} actionType
 * @property {Action[]} [compoundActions]
 * @property {string} externalEventName
 * @property {Date} fireAt
 * @property {string} functionName
 * @property {unknown} [input]
 * @property {string} instanceId
 * @property {boolean} [isCanceled]
 * @property {string} operation
 * @property {RetryOptions} retryOptions
 */

/** @typedef {{ isDone: boolean, actions: Action[][], output?: unknown, customStatus?: unknown }} State */

/**
 * Let the SDK run an orchestrator from its first line through a history.
 *
 * @param {Handler} orchestrator
 * @param {unknown} input
 * @param {HistoryEvent[]} history
 * @param {string} instanceId
 */
async function execute(orchestrator, input, history, instanceId) {
  const trigger = {
    history: history.map((event) => ({ ...event })), // copies, because a run may change them
    input: structuredClone(input),
    instanceId,
    isReplaying: false, // the SDK works it out for each event
    upperSchemaVersion: 1,
  };
  const context = new df.DummyOrchestrationContext('', '', () => undefined);
  try {
    return progressOf(/** @type {State} */ (await orchestrator(trigger, context)));
  } catch (error) {
    throw notes.error ?? causeOf(error);
  }
}

/**
 * @param {State} state
 * @returns {Progress}
 */
function progressOf(state) {
  const actions = flatten(state.actions.flat());
  assert.equal(new Set(actions).size, actions.length, 'two compound tasks share a task');
  return {
    steps: actions.map(stepOf),
    canceled: [...actions.keys()].filter((position) => actions[position].isCanceled),
    created: notes.created,
    isDone: state.isDone,
    output: throughJson(state.output),
    customStatus: throughJson(state.customStatus),
  };
}

/**
 * @param {Action[]} actions
 * @returns {Action[]}
 */
function flatten(actions) {
  return actions.flatMap((action) =>
    action.compoundActions ? flatten(action.compoundActions) : action,
  );
}

/**
 * @param {Action} action
 * @returns {Step}
 */
function stepOf(action) {
  switch (action.actionType) {
    case 0:
      return { activity: action.functionName, input: inputOf(action) };
    case 1:
      return { activity: action.functionName, input: inputOf(action), retry: retryOf(action) };
    case 4:
      return { continueAsNew: inputOf(action) };
    case 5:
      return { timer: action.fireAt };
    case 6:
      return { event: action.externalEventName };
    case 9:
      return signalOf(action);
    default:
      throw new Error(`tests/protocol.js does not know this action yet: ${inspect(action)}`);
  }
}

/**
 * Return the input of an activity or of the next generation; the SDK sends a string as JSON.
 *
 * @param {Action} action
 */
function inputOf({ input }) {
  return throughJson(typeof input === 'string' ? JSON.parse(input) : input);
}

/** @param {Action} action */
function retryOf({ retryOptions }) {
  const { backoffCoefficient: backoff, maxRetryIntervalInMilliseconds: maxInterval } = retryOptions;
  return {
    attempts: retryOptions.maxNumberOfAttempts,
    interval: retryOptions.firstRetryIntervalInMilliseconds,
    ...(backoff === undefined ? {} : { backoff }),
    ...(maxInterval === undefined ? {} : { maxInterval }),
  };
}

/** @param {Action} action */
function signalOf({ instanceId, operation, input }) {
  const [, entity, ...key] = instanceId.split('@');
  return { entity, key: key.join('@'), operation, input: throughJson(input) };
}

/**
 * Return an error of the SDK without the state that the host reads from its message.
 *
 * @param {any} error
 */
function causeOf(error) {
  const [, state] = error.message.split('$OutOfProcData$:');
  return state ? new Error(JSON.parse(state).error) : error;
}

/**
 * Return what is left of a value after its way through the task hub; it must be all of it.
 *
 * @param {unknown} value
 */
function throughJson(value) {
  const copy = JSON.parse(JSON.stringify(value ?? null) ?? 'null'); // a function has no JSON
  assert.ok(
    isDeepStrictEqual(copy, value ?? null),
    `JSON turns ${inspect(value)} into ${inspect(copy)}`,
  );
  return copy;
}

module.exports = { execute, throughJson };
