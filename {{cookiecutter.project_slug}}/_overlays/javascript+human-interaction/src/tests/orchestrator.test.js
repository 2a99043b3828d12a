'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS } = require('./app');
const { Replay } = require('./replay');

const ORDER = CONTRACT.completed[0].body;
/** @type {object} */
const LARGE_ORDER = { ...ORDER, total: 1_000 };
const RETRY = { attempts: 3, interval: 5_000 };
const HOUR = 60 * 60 * 1_000;

const FULFILLED = { success: true, orderId: 'order-1001' };
const APPROVED = { approved: true, approver: 'ann' };
const REJECTED = { approved: false, approver: 'ann' };

/** @param {string} reason */
function notFulfilled(reason) {
  return { success: false, orderId: 'order-1001', reason };
}

function start(order = LARGE_ORDER) {
  return Replay.start(FUNCTIONS.processOrder, order);
}

/** Return a workflow whose order is valid. */
async function validated(order = LARGE_ORDER) {
  const run = await start(order);
  assert.deepEqual(run.waitsFor, [{ activity: 'validateOrder', input: order }]);
  await run.complete(null);
  return run;
}

/** @param {Replay} run */
async function payAndShip(run, order = LARGE_ORDER) {
  for (const activity of ['processPayment', 'shipOrder']) {
    assert.deepEqual(run.waitsFor, [{ activity, input: order, retry: RETRY }]);
    await run.complete();
  }
}

for (const total of [20, 999.99]) {
  test(`an order of ${total} needs no approval`, async () => {
    const order = { ...ORDER, total };
    const run = await validated(order);
    await payAndShip(run, order);

    assert.deepEqual(run.output, FULFILLED);
  });
}

test('a large order waits for an approval', async () => {
  const run = await validated();

  const timeout = new Date(run.now.getTime() + 72 * HOUR);
  assert.deepEqual(run.waitsFor, [{ event: 'Approval' }, { timer: timeout }]);
  assert.equal(run.customStatus, 'waiting for approval');
});

for (const [form, data] of Object.entries({ object: APPROVED, text: JSON.stringify(APPROVED) })) {
  test(`an approval cancels the timer and continues: ${form}`, async () => {
    const run = await validated();
    await run.raiseEvent('Approval', data);

    assert.equal(run.customStatus, 'approved');
    await payAndShip(run);
    assert.deepEqual(run.output, FULFILLED);
  });
}

for (const [form, data] of Object.entries({ object: REJECTED, text: JSON.stringify(REJECTED) })) {
  test(`a rejection ends the workflow: ${form}`, async () => {
    const run = await validated();
    await run.raiseEvent('Approval', data);

    assert.equal(run.customStatus, 'rejected');
    assert.deepEqual(run.output, notFulfilled('rejected by ann'));
  });
}

test('no answer in time ends the workflow', async () => {
  const run = await validated();
  await run.fireTimer();

  assert.equal(run.customStatus, 'approval timed out');
  assert.deepEqual(run.output, notFulfilled('approval timed out'));
});

test('an approval may come before the workflow waits', async () => {
  const run = await start();
  await run.raiseEvent('Approval', APPROVED);
  await run.complete(null);

  assert.equal(run.customStatus, 'approved');
  await payAndShip(run);
  assert.deepEqual(run.output, FULFILLED);
});

test('the first of two approvals counts', async () => {
  const run = await validated();
  await run.raiseEvent('Approval', APPROVED);
  await run.raiseEvent('Approval', REJECTED);

  await payAndShip(run);
  assert.deepEqual(run.output, FULFILLED);
});

test('an event that is no approval fails the workflow', async () => {
  const run = await validated();

  await assert.rejects(run.raiseEvent('Approval', { approved: 'yes' }), { name: 'ZodError' });
});

test('an order that is not valid needs no approval', async () => {
  const run = await start();
  await run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items'));
});

test('a payment that fails for good ends the workflow', async () => {
  const run = await validated(ORDER);
  for (let attempt = 1; attempt <= 3; attempt++) {
    await run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('payment failed'));
});

test('a shipping that fails for good ends the workflow', async () => {
  const run = await validated(ORDER);
  await run.complete();
  for (let attempt = 1; attempt <= 3; attempt++) {
    await run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('shipping failed'));
});

for (const { name, body, events, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    const run = await Replay.start(FUNCTIONS.processOrder, body);
    for (const event of events ?? []) {
      await run.raiseEvent(event.name, event.data);
    }

    assert.deepEqual(await run.run(FUNCTIONS), output);
  });
}
