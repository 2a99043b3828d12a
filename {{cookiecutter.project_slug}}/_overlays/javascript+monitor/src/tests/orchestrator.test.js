'use strict';

/** @import { Activity } from './protocol' */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS } = require('./app');
const { Replay, START } = require('./replay');

const ORDER = CONTRACT.completed[0].body;
const RETRY = { attempts: 3, interval: 5_000 };
const MINUTE = 60 * 1_000;
const DAY = 24 * 60 * MINUTE;

const VALIDATION = { activity: 'validateOrder', input: ORDER };
const PAYMENT = { activity: 'processPayment', input: ORDER, retry: RETRY };
const SHIPPING = { activity: 'shipOrder', input: ORDER, retry: RETRY };

const FULFILLED = { success: true, orderId: 'order-1001' };

/** @param {string} reason */
function notFulfilled(reason) {
  return { success: false, orderId: 'order-1001', reason };
}

/** @param {number} poll */
function check(poll) {
  return { activity: 'checkDelivery', input: { orderId: 'order-1001', poll }, retry: RETRY };
}

/**
 * @param {Date} deadline
 * @param {number} polls
 */
function tracked(deadline, polls) {
  return { ...ORDER, tracking: { deadline: deadline.toISOString(), polls } };
}

/**
 * @param {Date} date
 * @param {number} milliseconds
 */
function later(date, milliseconds) {
  return new Date(date.getTime() + milliseconds);
}

function start(order = ORDER) {
  return Replay.start(FUNCTIONS.processOrder, order);
}

/** Return a workflow that has shipped its order. */
async function ship() {
  const run = await start();
  for (const step of [VALIDATION, PAYMENT, SHIPPING]) {
    assert.deepEqual(run.waitsFor, [step]);
    await run.complete(null);
  }
  return run;
}

/**
 * @param {Replay} run
 * @param {Activity} step
 */
async function failForGood(run, step) {
  for (let attempt = 1; attempt <= RETRY.attempts; attempt++) {
    assert.deepEqual(run.waitsFor, [step]);
    await run.fail();
  }
}

test('the delivery is checked as soon as the order is shipped', async () => {
  const run = await ship();

  assert.deepEqual(run.waitsFor, [check(1)]);
  await run.complete('delivered');

  assert.equal(run.customStatus, 'delivered');
  assert.deepEqual(run.output, FULFILLED);
});

test('an order in transit is checked again, in the next generation', async () => {
  const run = await ship();
  const shipped = run.now;

  await run.complete('in transit');
  assert.equal(run.customStatus, 'in transit');
  assert.deepEqual(run.waitsFor, [{ timer: later(shipped, 30 * MINUTE) }]);
  await run.fireTimer();
  assert.deepEqual(run.continuedAsNew, tracked(later(shipped, 7 * DAY), 1));
  await run.startNextGeneration();

  assert.deepEqual(run.waitsFor, [check(2)]);
});

test('each generation sets the custom status', async () => {
  const run = await ship();

  for (const poll of [1, 2]) {
    assert.equal(run.customStatus, null);
    assert.deepEqual(run.waitsFor, [check(poll)]);
    await run.complete('in transit');
    assert.equal(run.customStatus, 'in transit');
    await run.fireTimer();
    await run.startNextGeneration();
  }
  await run.complete('delivered');

  assert.equal(run.customStatus, 'delivered');
  assert.deepEqual(run.output, FULFILLED);
});

test('the last poll may be at the deadline', async () => {
  const run = await start(tracked(later(START, 30 * MINUTE), 335));
  await run.complete('in transit');
  await run.fireTimer();
  await run.startNextGeneration();

  assert.deepEqual(run.waitsFor, [check(337)]);
  await run.complete('in transit');
  assert.deepEqual(run.output, notFulfilled('not delivered within 7 days'));
});

test('no poll is after the deadline', async () => {
  const run = await start(tracked(later(START, 30 * MINUTE - 1), 335));
  await run.complete('in transit');

  assert.equal(run.customStatus, 'in transit');
  assert.deepEqual(run.output, notFulfilled('not delivered within 7 days'));
});

test('a check may fail twice', async () => {
  const run = await ship();
  await run.fail();
  await run.fail();
  await run.complete('delivered');

  assert.deepEqual(run.output, FULFILLED);
});

test('an order that is not valid is neither paid nor shipped', async () => {
  const run = await start();
  await run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items'));
});

test('a payment that fails for good ends the workflow', async () => {
  const run = await start();
  await run.complete(null);
  await failForGood(run, PAYMENT);

  assert.deepEqual(run.output, notFulfilled('payment failed'));
});

test('a shipping that fails for good ends the workflow', async () => {
  const run = await start();
  await run.complete(null);
  await run.complete();
  await failForGood(run, SHIPPING);

  assert.deepEqual(run.output, notFulfilled('shipping failed'));
});

for (const { name, body, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    const run = await Replay.start(FUNCTIONS.processOrder, body);

    assert.deepEqual(await run.run(FUNCTIONS), output);
  });
}
