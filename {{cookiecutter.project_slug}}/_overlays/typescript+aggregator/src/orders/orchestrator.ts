/**
 * The orchestrator: validate, pay, ship, then count what was sold.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

import * as df from 'durable-functions';

import { processPayment, shipOrder, validateOrder } from './activities';
import { fulfilled, notFulfilled, type Order, type OrderResult } from './models';
import { salesOf } from './sales';

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/** Take one order through its steps, and add its items to the sales. */
function* processOrder(context: df.OrchestrationContext): Generator<df.Task, OrderResult, unknown> {
  const order = context.df.getInput<Order>();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  const reason = (yield validateOrder(order)) as string | null;
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
