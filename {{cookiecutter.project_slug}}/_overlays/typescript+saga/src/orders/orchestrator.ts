/**
 * The orchestrator: reserve, pay, ship; when a step fails, undo the completed ones.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

import * as df from 'durable-functions';

import { processPayment, shipOrder, validateOrder } from './activities';
import { releaseInventory, reserveInventory } from './inventory';
import { fulfilled, notFulfilled, type Order, type OrderResult } from './models';
import { refundPayment } from './refunds';

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all

/** The output of a workflow that ended early: what was undone, and what could not be undone. */
interface SagaFailure extends OrderResult {
  compensated: string[];
  notCompensated: string[];
}

/** What undoes a completed step. */
interface Compensation {
  name: string;
  activity: df.RegisteredActivity;
}

/** A step of the saga; the last step needs no compensation. */
interface Step {
  activity: df.RegisteredActivity;
  failure: string;
  compensation?: Compensation;
}

const STEPS: Step[] = [
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

/** Take one order through its steps; after a failure, undo the completed steps in reverse. */
function* processOrder(
  context: df.OrchestrationContext,
): Generator<df.Task, OrderResult | SagaFailure, unknown> {
  const order = context.df.getInput<Order>();

  // A new step is for new instances only: `if (context.df.version !== '1.0')` keeps the old path for
  // those that run. See "Change the workflow" in README.md.
  const reason = (yield validateOrder(order)) as string | null;
  if (reason) {
    return yield* compensate(order, reason, []);
  }

  const completed: Compensation[] = [];
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

/** Undo what was completed, the last first. One that fails does not keep the others from it. */
function* compensate(
  order: Order,
  reason: string,
  completed: Compensation[],
): Generator<df.Task, SagaFailure, unknown> {
  const compensated: string[] = [];
  const notCompensated: string[] = [];
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
