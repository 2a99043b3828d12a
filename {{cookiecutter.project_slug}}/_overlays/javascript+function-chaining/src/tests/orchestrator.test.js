'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, FUNCTIONS, ORCHESTRATORS } = require('./app');
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
  return new Replay(ORCHESTRATORS.processOrder, order);
}

test('a good order is validated, paid and shipped', () => {
  const run = start();

  assert.deepEqual(run.waitsFor, VALIDATION);
  run.complete(null);
  assert.deepEqual(run.waitsFor, PAYMENT);
  run.complete();
  assert.deepEqual(run.waitsFor, SHIPPING);
  run.complete();
  assert.deepEqual(run.output, FULFILLED);
});

test('an order that is not valid is neither paid nor shipped', () => {
  const run = start();

  run.complete('order has no items');

  assert.deepEqual(run.output, notFulfilled('order has no items'));
});

test('payment and shipping may fail twice', () => {
  const run = start();

  run.complete(null);
  for (const step of [PAYMENT, SHIPPING]) {
    run.fail();
    run.fail();
    assert.deepEqual(run.waitsFor, step);
    run.complete();
  }

  assert.deepEqual(run.output, FULFILLED);
});

test('a payment that fails for good ends the workflow', () => {
  const run = start();

  run.complete(null);
  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.deepEqual(run.waitsFor, PAYMENT);
    run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('payment failed'));
});

test('a shipping that fails for good ends the workflow', () => {
  const run = start();

  run.complete(null);
  run.complete();
  for (let attempt = 1; attempt <= 3; attempt++) {
    assert.deepEqual(run.waitsFor, SHIPPING);
    run.fail();
  }

  assert.deepEqual(run.output, notFulfilled('shipping failed'));
});

test('a validation that breaks fails the orchestration', () => {
  const run = start();

  assert.throws(() => run.fail(), /validateOrder failed/);
});

for (const { name, body, output } of CONTRACT.completed) {
  test(`the workflow with its activities: ${name}`, async () => {
    assert.deepEqual(await start(body).run(FUNCTIONS), output);
  });
}
