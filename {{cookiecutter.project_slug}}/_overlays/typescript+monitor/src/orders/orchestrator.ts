/**
 * The orchestrator: validate, pay, ship, then ask for the delivery until the order has arrived.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

import * as df from 'durable-functions';

import { processPayment, shipOrder, validateOrder } from './activities';
import { checkDelivery, type DeliveryStatus } from './delivery';
import { fulfilled, notFulfilled, type Order, type OrderResult } from './models';

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all
const POLLING_INTERVAL = 30 * 60 * 1_000; // milliseconds
const DELIVERY_TIMEOUT = 7 * 24 * 60 * 60 * 1_000; // milliseconds

/** What one generation of the workflow hands to the next. */
interface Tracking {
  deadline: string; // ISO 8601, UTC
  polls: number;
}

/** The input of the workflow; the first generation has no `tracking`. */
interface TrackedOrder extends Order {
  tracking?: Tracking;
}

/**
 * Ship an order in the first generation, and ask once for its delivery in each generation.
 *
 * A generation starts with an empty history, so that days of polling do not add up to a long one.
 */
function* processOrder(
  context: df.OrchestrationContext,
): Generator<df.Task, OrderResult | undefined, unknown> {
  const order = context.df.getInput<TrackedOrder>();

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
  const status = (yield check) as DeliveryStatus;
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

/** Validate, pay and ship; return why the order cannot be fulfilled, or null. */
function* fulfil(order: Order): Generator<df.Task, string | null, unknown> {
  const reason = (yield validateOrder(order)) as string | null;
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

/** Return the time of the workflow plus some milliseconds. */
function later(context: df.OrchestrationContext, milliseconds: number): Date {
  return new Date(context.df.currentUtcDateTime.getTime() + milliseconds);
}

df.app.orchestration('processOrder', processOrder);
