'use strict';

/**
 * Notes what an orchestrator does and the SDK does not report: the tasks that it creates, yielded or
 * not, and the error that it throws, with its stack.
 */

/** @import { ActivityOptions, DurableOrchestrationContext, OrchestrationHandler, OrchestrationOptions, RegisteredActivity } from 'durable-functions' */

const df = require('durable-functions');

const METHODS = /** @type {const} */ ([
  'callActivity',
  'callActivityWithRetry',
  'createTimer',
  'waitForExternalEvent',
]);

/**
 * What the current run has created (activities and events by name, timers by date) and thrown.
 *
 * @type {{ created: unknown[], error?: unknown }}
 */
const notes = { created: [] };

/** Take notes of the activities and orchestrators that are registered from now on. */
function takeNotes() {
  const { activity, orchestration } = df.app;
  Object.assign(df.app, {
    /** @type {(name: string, options: ActivityOptions) => RegisteredActivity} */
    activity: (name, options) => {
      const call = activity(name, options);
      return (input) => {
        notes.created.push(name);
        return call(input);
      };
    },
    /** @type {(name: string, options: OrchestrationHandler | OrchestrationOptions) => unknown} */
    orchestration: (name, options) => {
      const { handler, ...others } = typeof options === 'function' ? { handler: options } : options;
      return orchestration(name, { ...others, handler: noted(handler) });
    },
  });
}

/**
 * @param {OrchestrationHandler} handler
 * @returns {OrchestrationHandler}
 */
function noted(handler) {
  return function* (context) {
    notes.created = [];
    notes.error = undefined;
    METHODS.forEach((method) => noteCalls(context.df, method));
    try {
      return yield* handler(context);
    } catch (error) {
      notes.error = error;
      throw error;
    }
  };
}

/**
 * @param {DurableOrchestrationContext} durable
 * @param {(typeof METHODS)[number]} method
 */
function noteCalls(durable, method) {
  /** @type {(...values: any[]) => any} */
  const create = durable[method].bind(durable);
  durable[method] = (/** @type {unknown[]} */ ...values) => {
    notes.created.push(values[0]);
    return create(...values);
  };
}

module.exports = { notes, takeNotes };
