'use strict';

/**
 * The orchestrator: reserve, pay, ship; when a step fails, undo the completed ones.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

/** @import { OrchestrationContext, RegisteredActivity, Task } from 'durable-functions' */
/** @import { Order, OrderResult } from './models' */

const df = require('durable-functions');

const { processPayment, shipOrder, validateOrder } = require('./activities');
const { releaseInventory, reserveInventory } = require('./inventory');
const { fulfilled, notFulfilled } = require('./models');
const { refundPayment } = require('./refunds');

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/**
 * The output of a workflow that ended early: what was undone, and what could not be undone.
 *
 * @typedef {OrderResult & { compensated: string[], notCompensated: string[] }} SagaFailure
 */

/**
 * What undoes a completed step.
 *
 * @typedef {{ name: string, activity: RegisteredActivity }} Compensation
 */

/**
 * A step of the saga; the last step needs no compensation.
 *
 * @typedef {object} Step
 * @property {RegisteredActivity} activity
 * @property {string} failure
 * @property {Compensation} [compensation]
 */

/** @type {Step[]} */
const STEPS = [
  {
    activity: reserveInventory,
    failure: 'reservation failed',
    compensation: { name: 'inventory', activity: releaseInventory },
  },
  {
    activity: processPayment,
    failure: 'payment failed',
    compensation: { name: 'payment', activity: refundPayment },
  },
  { activity: shipOrder, failure: 'shipping failed' },
];

/**
 * Take one order through its steps; after a failure, undo the completed steps in reverse.
 *
 * @param {OrchestrationContext} context
 * @returns {Generator<Task, OrderResult | SagaFailure, any>}
 */
function* processOrder(context) {
  /** @type {Order} */
  const order = context.df.getInput();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  /** @type {string | null} */
  const reason = yield validateOrder(order);
  if (reason) {
    return yield* compensate(order, reason, []);
  }

  /** @type {Compensation[]} */
  const completed = [];
  for (const { activity, failure, compensation } of STEPS) {
    // The SDK throws when the last attempt of an activity has failed.
    try {
      yield activity(order).withRetry(RETRY);
    } catch {
      return yield* compensate(order, failure, completed);
    }
    if (compensation) {
      completed.push(compensation);
    }
  }

  return fulfilled(order);
}

/**
 * Undo what was completed, the last first. One that fails does not keep the others from it.
 *
 * @param {Order} order
 * @param {string} reason
 * @param {Compensation[]} completed
 * @returns {Generator<Task, SagaFailure, any>}
 */
function* compensate(order, reason, completed) {
  /** @type {string[]} */
  const compensated = [];
  /** @type {string[]} */
  const notCompensated = [];
  for (const { name, activity } of completed.toReversed()) {
    try {
      yield activity(order).withRetry(RETRY);
      compensated.push(name);
    } catch {
      notCompensated.push(name);
    }
  }
  return { ...notFulfilled(order, reason), compensated, notCompensated };
}

df.app.orchestration('processOrder', processOrder);
