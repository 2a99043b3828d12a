'use strict';

/** @import { Activity } from './protocol' */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS } = require('./app');
const { Replay } = require('./replay');

const ITEMS = ['A-1', 'B-2', 'A-1'].map((sku) => ({ sku, quantity: 2, unitPrice: 10.0 }));
const ORDER = { id: 'order-1001', items: ITEMS, total: 60.0 };
const RETRY = { attempts: 3, interval: 5_000 };

const VALIDATION = { activity: 'validateOrder', input: ORDER };
const RESERVATIONS = ITEMS.map((item) => ({
  activity: 'reserveItem',
  input: { orderId: 'order-1001', item },
  retry: RETRY,
}));
const [FIRST, SECOND, THIRD] = RESERVATIONS;
const PAYMENT = { activity: 'processPayment', input: ORDER, retry: RETRY };
const SHIPPING = { activity: 'shipOrder', input: ORDER, retry: RETRY };

/** @param {string} reason */
function notFulfilled(reason) {
  return { success: false, orderId: 'order-1001', reason };
}

function start(order = ORDER) {
  return Replay.start(FUNCTIONS.processOrder, order);
}

/** Return a workflow whose order is valid. */
async function validated() {
  const run = await start();
  assert.deepEqual(run.waitsFor, [VALIDATION]);
  await run.complete(null);
  return run;
}

/** @param {Replay} run */
async function reserveAll(run) {
  for (const reservation of RESERVATIONS) {
    await run.complete(2, reservation);
  }
}

/**
 * @param {Replay} run
 * @param {Activity} step
 */
async function failForGood(run, step) {
  for (let attempt = 1; attempt <= RETRY.attempts; attempt++) {
    await run.fail('failed', step);
  }
}

test('all items are reserved at once, then paid and shipped', async () => {
  const run = await validated();

  assert.deepEqual(run.waitsFor, RESERVATIONS);
  await reserveAll(run);
  assert.deepEqual(run.waitsFor, [PAYMENT]);
  await run.complete();
  assert.deepEqual(run.waitsFor, [SHIPPING]);
  await run.complete();
  assert.deepEqual(run.output, { success: true, orderId: 'order-1001', reserved: 6 });
});

test('reservations may end in any order', async () => {
  const run = await validated();

  await run.complete(4, THIRD);
  await run.complete(2, SECOND);
  assert.deepEqual(run.waitsFor, [FIRST]);
  await run.complete(1, FIRST);
  await run.complete();
  await run.complete();

  assert.deepEqual(run.output, { success: true, orderId: 'order-1001', reserved: 7 });
});

test('an order that is not valid reserves nothing', async () => {
  const run = await start();

  await run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items'));
});

test('a reservation may fail twice', async () => {
  const run = await validated();

  await run.fail('failed', SECOND);
  await run.fail('failed', SECOND);
  await reserveAll(run);

  assert.deepEqual(run.waitsFor, [PAYMENT]);
});

test('a reservation that fails for good waits for the others', async () => {
  const run = await validated();

  await failForGood(run, SECOND);
  assert.deepEqual(run.waitsFor, [FIRST, THIRD]);
  await run.complete(2, THIRD);
  await run.complete(2, FIRST);

  assert.deepEqual(run.output, notFulfilled('not reserved: B-2'));
});

test('the reason has each SKU once, in the order of the items', async () => {
  const run = await validated();

  for (const reservation of RESERVATIONS.toReversed()) {
    await failForGood(run, reservation);
  }

  assert.deepEqual(run.output, notFulfilled('not reserved: A-1, B-2'));
});

test('a payment that fails for good ends the workflow', async () => {
  const run = await validated();

  await reserveAll(run);
  await failForGood(run, PAYMENT);

  assert.deepEqual(run.output, notFulfilled('payment failed'));
});

test('a shipping that fails for good ends the workflow', async () => {
  const run = await validated();

  await reserveAll(run);
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
