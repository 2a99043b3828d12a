'use strict';

/** @import { Activity } from './protocol' */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS } = require('./app');
const { Replay } = require('./replay');

const SKUS = ['A-1', 'B-2', 'A-1'];
const ITEMS = SKUS.map((sku) => ({ sku, quantity: 2, unitPrice: 10.0 }));
/** @type {object} */
const ORDER = { id: 'order-1001', items: ITEMS, total: 60.0 };
const RETRY = { attempts: 3, interval: 5_000 };

const VALIDATION = { activity: 'validateOrder', input: ORDER };
const PAYMENT = { activity: 'processPayment', input: ORDER, retry: RETRY };
const SHIPPING = { activity: 'shipOrder', input: ORDER, retry: RETRY };
const SIGNALS = SKUS.map((key) => ({ entity: 'sales', key, operation: 'add', input: 2 }));

const FULFILLED = { success: true, orderId: 'order-1001' };

function start(order = ORDER) {
  return Replay.start(FUNCTIONS.processOrder, order);
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

/**
 * Check that the workflow ends early, and that its order does not count.
 *
 * @param {Replay} run
 * @param {string} reason
 */
function checkNotCounted(run, reason) {
  assert.deepEqual(run.output, { success: false, orderId: 'order-1001', reason });
  assert.deepEqual(run.signals, []);
}

test('a good order is paid, shipped and counted', async () => {
  const run = await start();

  for (const step of [VALIDATION, PAYMENT, SHIPPING]) {
    assert.deepEqual(run.waitsFor, [step]);
    assert.deepEqual(run.signals, []);
    await run.complete(null);
  }

  assert.deepEqual(run.signals, SIGNALS);
  assert.deepEqual(run.output, FULFILLED);
});

test('an order that is not valid does not count', async () => {
  const run = await start();
  await run.complete('order has no items');

  checkNotCounted(run, 'order has no items');
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

  assert.deepEqual(run.signals, SIGNALS);
  assert.deepEqual(run.output, FULFILLED);
});

test('a payment that fails for good does not count', async () => {
  const run = await start();
  await run.complete(null);
  await failForGood(run, PAYMENT);

  checkNotCounted(run, 'payment failed');
});

test('a shipping that fails for good does not count', async () => {
  const run = await start();
  await run.complete(null);
  await run.complete();
  await failForGood(run, SHIPPING);

  checkNotCounted(run, 'shipping failed');
});

for (const { name, body, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    const run = await Replay.start(FUNCTIONS.processOrder, body);

    assert.deepEqual(await run.run(FUNCTIONS), output);
  });
}
