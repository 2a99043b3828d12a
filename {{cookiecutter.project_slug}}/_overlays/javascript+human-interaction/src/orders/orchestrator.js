'use strict';

/**
 * The orchestrator: validate, wait for an approval of large orders, pay, ship.
 *
 * It is replayed from its first line whenever a step completes, so it must be deterministic: no
 * clock, no random values, no environment, no I/O. All of that belongs into activities.
 */

/** @import { OrchestrationContext, Task } from 'durable-functions' */
/** @import { Approval } from './approval' */
/** @import { Order, OrderResult } from './models' */

const df = require('durable-functions');

const { processPayment, shipOrder, validateOrder } = require('./activities');
const { APPROVAL_EVENT, readApproval } = require('./approval');
const { fulfilled, notFulfilled } = require('./models');

const RETRY = new df.RetryOptions(5_000, 3); // milliseconds between attempts, attempts in all
const APPROVAL_LIMIT = 1_000;
const APPROVAL_TIMEOUT = 72 * 60 * 60 * 1_000; // milliseconds

/**
 * Take one order through its steps; from a total on, somebody has to approve it.
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

  if (order.total >= APPROVAL_LIMIT) {
    const approval = yield* waitForApproval(context);
    if (!approval) {
      context.df.setCustomStatus('approval timed out');
      return notFulfilled(order, 'approval timed out');
    }
    if (!approval.approved) {
      context.df.setCustomStatus('rejected');
      return notFulfilled(order, `rejected by ${approval.approver}`);
    }
    context.df.setCustomStatus('approved');
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

  return fulfilled(order);
}

/**
 * Wait for the event or the timeout, whichever comes first; return undefined after the timeout.
 *
 * @param {OrchestrationContext} context
 * @returns {Generator<Task, Approval | undefined, any>}
 */
function* waitForApproval(context) {
  context.df.setCustomStatus('waiting for approval');
  const event = context.df.waitForExternalEvent(APPROVAL_EVENT);
  const deadline = context.df.currentUtcDateTime.getTime() + APPROVAL_TIMEOUT;
  const timeout = context.df.createTimer(new Date(deadline));
  const winner = yield context.df.Task.any([event, timeout]);
  if (winner === timeout) {
    return undefined;
  }
  timeout.cancel(); // an open timer would keep the workflow running
  return readApproval(event.result);
}

df.app.orchestration('processOrder', processOrder);
