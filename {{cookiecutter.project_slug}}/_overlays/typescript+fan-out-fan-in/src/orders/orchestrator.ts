/**
 * The orchestrator: validate, reserve all items at once, then pay, then ship.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

import * as df from 'durable-functions';

import { processPayment, shipOrder, validateOrder } from './activities';
import { reserveItem } from './inventory';
import { fulfilled, notFulfilled, type Order, type OrderResult } from './models';

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/** The units that are reserved, and the SKUs that are not, each once in the order of the items. */
interface Reservations {
  reserved: number;
  missing: Set<string>;
}

/** The output of a workflow that did all its work; `reserved` counts the units. */
interface ReservedOrderResult extends OrderResult {
  reserved: number;
}

/** Reserve every item before anything is paid; the workflow releases nothing after a failure. */
function* processOrder(
  context: df.OrchestrationContext,
): Generator<df.Task, OrderResult | ReservedOrderResult, unknown> {
  const order = context.df.getInput<Order>();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  const reason = (yield validateOrder(order)) as string | null;
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

/** Reserve all items at once, and wait for all of them. */
function* reserveItems(
  context: df.OrchestrationContext,
  { id, items }: Order,
): Generator<df.Task, Reservations, unknown> {
  const tasks = items.map((item) => reserveItem({ orderId: id, item }).withRetry(RETRY));
  try {
    yield context.df.Task.all(tasks);
  } catch {
    // It starts them all, and ends with the first failure: the loop waits for the others.
  }

  let reserved = 0;
  const missing = new Set<string>();
  for (const [index, { sku }] of items.entries()) {
    try {
      reserved += (yield tasks[index]) as number;
    } catch {
      missing.add(sku);
    }
  }
  return { reserved, missing };
}

df.app.orchestration('processOrder', processOrder);
