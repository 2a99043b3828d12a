'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS } = require('./app');
const { Replay } = require('./replay');

const ORDER = CONTRACT.completed[0].body;
const RETRY = { attempts: 3, interval: 5_000 };

const VALIDATION = { activity: 'validateOrder', input: ORDER };
const PAYMENT = { activity: 'processPayment', input: ORDER, retry: RETRY };
const SHIPPING = { activity: 'shipOrder', input: ORDER, retry: RETRY };

const FULFILLED = { success: true, orderId: 'order-1001' };

/** @param {string} reason */
function notFulfilled(reason) {
  return { success: false, orderId: 'order-1001', reason };
}

function start(order = ORDER) {
  return Replay.start(FUNCTIONS.processOrder, order);
}

test('a good order is validated, paid and shipped', async () => {
  const run = await start();

  assert.deepEqual(run.waitsFor, [VALIDATION]);
  await run.complete(null);
  assert.deepEqual(run.waitsFor, [PAYMENT]);
  await run.complete();
  assert.deepEqual(run.waitsFor, [SHIPPING]);
  await run.complete();
  assert.deepEqual(run.output, FULFILLED);
});

test('an order that is not valid is neither paid nor shipped', async () => {
  const run = await start();

  await run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items'));
});

test('payment and shipping may fail twice', async () => {
  const run = await start();

  await run.complete(null);
  for (const step of [PAYMENT, SHIPPING]) {
    await run.fail();
    await run.fail();
    assert.deepEqual(run.waitsFor, [step]);
    await run.complete();
  }

  assert.deepEqual(run.output, FULFILLED);
});

test('a payment that fails for good ends the workflow', async () => {
  const run = await start();

  await run.complete(null);
  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.deepEqual(run.waitsFor, [PAYMENT]);
    await run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('payment failed'));
});

test('a shipping that fails for good ends the workflow', async () => {
  const run = await start();

  await run.complete(null);
  await run.complete();
  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.deepEqual(run.waitsFor, [SHIPPING]);
    await run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('shipping failed'));
});

test('a validation that breaks fails the orchestration', async () => {
  const run = await start();

  await assert.rejects(run.fail(), /'validateOrder' failed/);
});

for (const { name, body, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    const run = await Replay.start(FUNCTIONS.processOrder, body);

    assert.deepEqual(await run.run(FUNCTIONS), output);
  });
}
