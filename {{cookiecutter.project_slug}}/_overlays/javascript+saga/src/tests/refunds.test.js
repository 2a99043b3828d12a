'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { CONTRACT, runActivity } = require('./app');

test('refundPayment refunds the total', async () => {
  const { logs } = await runActivity('refundPayment', CONTRACT.completed[0].body);

  assert.deepEqual(logs, ['Refunded 20.00 for order order-1001']);
});
