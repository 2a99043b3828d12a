'use strict';

/**
 * The orchestrator: validate, pay, ship, then count what was sold.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

/** @import { OrchestrationContext, Task } from 'durable-functions' */
/** @import { Order, OrderResult } from './models' */

const df = require('durable-functions');

const { processPayment, shipOrder, validateOrder } = require('./activities');
const { fulfilled, notFulfilled } = require('./models');
const { salesOf } = require('./sales');

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/**
 * Take one order through its steps, and add its items to the sales.
 *
 * @param {OrchestrationContext} context
 * @returns {Generator<Task, OrderResult, any>}
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

  for (const { sku, quantity } of order.items) {
    context.df.signalEntity(salesOf(sku), 'add', quantity);
  }

  return fulfilled(order);
}

df.app.orchestration('processOrder', processOrder);
