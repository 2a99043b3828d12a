'use strict';

/**
 * The orchestrator: validate, reserve all items at once, then pay, then ship.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

/** @import { OrchestrationContext, Task } from 'durable-functions' */
/** @import { Order, OrderResult } from './models' */

const df = require('durable-functions');

const { processPayment, shipOrder, validateOrder } = require('./activities');
const { reserveItem } = require('./inventory');
const { fulfilled, notFulfilled } = require('./models');

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/**
 * The units that are reserved, and the SKUs that are not, each once in the order of the items.
 *
 * @typedef {{ reserved: number, missing: Set<string> }} Reservations
 */

/**
 * The output of a workflow that did all its work; `reserved` counts the units.
 *
 * @typedef {OrderResult & { reserved: number }} ReservedOrderResult
 */

/**
 * Reserve every item before anything is paid; the workflow releases nothing after a failure.
 *
 * @param {OrchestrationContext} context
 * @returns {Generator<Task, OrderResult | ReservedOrderResult, any>}
 */
function* processOrder(context) {
  /** @type {Order} */
  const order = context.df.getInput();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  /** @type {string | null} */
  const reason = yield validateOrder(order);
  if (reason) {
    return notFulfilled(order, reason);
  }

  const { reserved, missing } = yield* reserveItems(context, order);
  if (missing.size > 0) {
    return notFulfilled(order, `not reserved: ${[...missing].join(', ')}`);
  }

  // The SDK throws when the last attempt of an activity has failed.
  try {
    yield processPayment(order).withRetry(RETRY);
  } catch {
    return notFulfilled(order, 'payment failed');
  }

  try {
    yield shipOrder(order).withRetry(RETRY);
  } catch {
    return notFulfilled(order, 'shipping failed');
  }

  return { ...fulfilled(order), reserved };
}

/**
 * Reserve all items at once, and wait for all of them.
 *
 * @param {OrchestrationContext} context
 * @param {Order} order
 * @returns {Generator<Task, Reservations, any>}
 */
function* reserveItems(context, { id, items }) {
  const tasks = items.map((item) => reserveItem({ orderId: id, item }).withRetry(RETRY));
  try {
    yield context.df.Task.all(tasks);
  } catch {
    // It starts them all, and ends with the first failure: the loop waits for the others.
  }

  let reserved = 0;
  /** @type {Set<string>} */
  const missing = new Set();
  for (const [index, { sku }] of items.entries()) {
    try {
      reserved += yield tasks[index];
    } catch {
      missing.add(sku);
    }
  }
  return { reserved, missing };
}

df.app.orchestration('processOrder', processOrder);
