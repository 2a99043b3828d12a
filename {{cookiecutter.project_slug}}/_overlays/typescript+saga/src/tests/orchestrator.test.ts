import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTRACT, FUNCTIONS } from './app';
import type { Activity } from './protocol';
import { Replay } from './replay';

const ORDER = CONTRACT.completed[0].body;
const RETRY = { attempts: 3, interval: 5_000 };

const VALIDATION = { activity: 'validateOrder', input: ORDER };
const RESERVATION = { activity: 'reserveInventory', input: ORDER, retry: RETRY };
const PAYMENT = { activity: 'processPayment', input: ORDER, retry: RETRY };
const SHIPPING = { activity: 'shipOrder', input: ORDER, retry: RETRY };
const REFUND = { activity: 'refundPayment', input: ORDER, retry: RETRY };
const RELEASE = { activity: 'releaseInventory', input: ORDER, retry: RETRY };

function notFulfilled(reason: string, compensated: string[], notCompensated: string[]): object {
  return { success: false, orderId: 'order-1001', reason, compensated, notCompensated };
}

function start(order: object = ORDER): Promise<Replay> {
  return Replay.start(FUNCTIONS.processOrder, order);
}

/** Return a workflow whose order is valid. */
async function validated(): Promise<Replay> {
  const run = await start();
  assert.deepEqual(run.waitsFor, [VALIDATION]);
  await run.complete(null);
  return run;
}

async function complete(run: Replay, ...steps: Activity[]): Promise<void> {
  for (const step of steps) {
    assert.deepEqual(run.waitsFor, [step]);
    await run.complete();
  }
}

async function failForGood(run: Replay, step: Activity): Promise<void> {
  for (let attempt = 1; attempt <= RETRY.attempts; attempt++) {
    assert.deepEqual(run.waitsFor, [step]);
    await run.fail();
  }
}

test('a good order is reserved, paid and shipped', async () => {
  const run = await validated();
  await complete(run, RESERVATION, PAYMENT, SHIPPING);

  assert.deepEqual(run.output, { success: true, orderId: 'order-1001' });
});

test('an order that is not valid has nothing to undo', async () => {
  const run = await start();
  await run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items', [], []));
});

test('a reservation that fails has nothing to undo', async () => {
  const run = await validated();
  await failForGood(run, RESERVATION);

  assert.deepEqual(run.output, notFulfilled('reservation failed', [], []));
});

test('a payment that fails releases the inventory', async () => {
  const run = await validated();
  await complete(run, RESERVATION);
  await failForGood(run, PAYMENT);
  await complete(run, RELEASE);

  assert.deepEqual(run.output, notFulfilled('payment failed', ['inventory'], []));
});

test('a shipping that fails refunds, then releases', async () => {
  const run = await validated();
  await complete(run, RESERVATION, PAYMENT);
  await failForGood(run, SHIPPING);
  await complete(run, REFUND, RELEASE);

  assert.deepEqual(run.output, notFulfilled('shipping failed', ['payment', 'inventory'], []));
});

test('a compensation that fails does not stop the others', async () => {
  const run = await validated();
  await complete(run, RESERVATION, PAYMENT);
  await failForGood(run, SHIPPING);
  await failForGood(run, REFUND);
  await complete(run, RELEASE);

  assert.deepEqual(run.output, notFulfilled('shipping failed', ['inventory'], ['payment']));
});

test('all compensations may fail', async () => {
  const run = await validated();
  await complete(run, RESERVATION, PAYMENT);
  await failForGood(run, SHIPPING);
  await failForGood(run, REFUND);
  await failForGood(run, RELEASE);

  assert.deepEqual(run.output, notFulfilled('shipping failed', [], ['payment', 'inventory']));
});

test('steps and compensations may fail twice', async () => {
  const run = await validated();
  for (const step of [RESERVATION, PAYMENT]) {
    await run.fail();
    await run.fail();
    await complete(run, step);
  }
  await failForGood(run, SHIPPING);
  for (const step of [REFUND, RELEASE]) {
    await run.fail();
    await run.fail();
    await complete(run, step);
  }

  assert.deepEqual(run.output, notFulfilled('shipping failed', ['payment', 'inventory'], []));
});

for (const { name, body, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    const run = await Replay.start(FUNCTIONS.processOrder, body);

    assert.deepEqual(await run.run(FUNCTIONS), output);
  });
}
