'use strict';

/**
 * The orchestrator: validate, pay, ship, then ask for the delivery until the order has arrived.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

/** @import { OrchestrationContext, Task } from 'durable-functions' */
/** @import { DeliveryStatus } from './delivery' */
/** @import { Order, OrderResult } from './models' */

const df = require('durable-functions');

const { processPayment, shipOrder, validateOrder } = require('./activities');
const { checkDelivery } = require('./delivery');
const { fulfilled, notFulfilled } = require('./models');

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all
const POLLING_INTERVAL = 30 * 60 * 1_000; // milliseconds
const DELIVERY_TIMEOUT = 7 * 24 * 60 * 60 * 1_000; // milliseconds

/**
 * What one generation of the workflow hands to the next.
 *
 * @typedef {object} Tracking
 * @property {string} deadline ISO 8601, UTC
 * @property {number} polls
 */

/**
 * The input of the workflow; the first generation has no `tracking`.
 *
 * @typedef {Order & { tracking?: Tracking }} TrackedOrder
 */

/**
 * Ship an order in the first generation, and ask once for its delivery in each generation.
 *
 * A generation starts with an empty history, so that days of polling do not add up to a long one.
 *
 * @param {OrchestrationContext} context
 * @returns {Generator<Task, OrderResult | undefined, any>}
 */
function* processOrder(context) {
  /** @type {TrackedOrder} */
  const order = context.df.getInput();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  let { tracking } = order;
  if (!tracking) {
    const failure = yield* fulfil(order);
    if (failure) {
      return notFulfilled(order, failure);
    }
    tracking = { deadline: later(context, DELIVERY_TIMEOUT).toISOString(), polls: 0 };
  }

  const poll = tracking.polls + 1;
  const check = checkDelivery({ orderId: order.id, poll }).withRetry(RETRY);
  /** @type {DeliveryStatus} */
  const status = yield check;
  context.df.setCustomStatus(status);
  if (status === 'delivered') {
    return fulfilled(order);
  }

  const nextPoll = later(context, POLLING_INTERVAL);
  if (nextPoll > new Date(tracking.deadline)) {
    return notFulfilled(order, 'not delivered within 7 days');
  }
  yield context.df.createTimer(nextPoll);
  context.df.continueAsNew({ ...order, tracking: { ...tracking, polls: poll } });
  return undefined;
}

/**
 * Validate, pay and ship; return why the order cannot be fulfilled, or null.
 *
 * @param {Order} order
 * @returns {Generator<Task, string | null, any>}
 */
function* fulfil(order) {
  /** @type {string | null} */
  const reason = yield validateOrder(order);
  if (reason) {
    return reason;
  }

  // The SDK throws when the last attempt of an activity has failed.
  try {
    yield processPayment(order).withRetry(RETRY);
  } catch {
    return 'payment failed';
  }

  try {
    yield shipOrder(order).withRetry(RETRY);
  } catch {
    return 'shipping failed';
  }

  return null;
}

/**
 * Return the time of the workflow plus some milliseconds.
 *
 * @param {OrchestrationContext} context
 * @param {number} milliseconds
 */
function later(context, milliseconds) {
  return new Date(context.df.currentUtcDateTime.getTime() + milliseconds);
}

df.app.orchestration('processOrder', processOrder);
