import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTRACT, runActivity } from './app';

const ORDER = CONTRACT.completed[0].body;

const VALIDATIONS = [
  { changes: {}, reason: null },
  { changes: { items: [] }, reason: 'order has no items' },
  { changes: { total: 0 }, reason: 'total must be greater than 0' },
  { changes: { total: -1 }, reason: 'total must be greater than 0' },
  { changes: { items: [], total: 0 }, reason: 'order has no items' },
];

for (const { changes, reason } of VALIDATIONS) {
  test(`validateOrder with ${JSON.stringify(changes)}`, async () => {
    const { result } = await runActivity('validateOrder', { ...ORDER, ...changes });

    assert.equal(result, reason);
  });
}

test('processPayment charges the total', async () => {
  const { logs } = await runActivity('processPayment', ORDER);

  assert.deepEqual(logs, ['Charged 20.00 for order order-1001']);
});

test('processPayment refuses totals above the limit', async () => {
  await runActivity('processPayment', { ...ORDER, total: 10_000 });

  await assert.rejects(runActivity('processPayment', { ...ORDER, total: 10_000.01 }), {
    message: 'the payment provider refuses totals above 10000',
  });
});

test('shipOrder hands the order to the carrier', async () => {
  const { logs } = await runActivity('shipOrder', ORDER);

  assert.deepEqual(logs, ['Shipped order order-1001 with 1 item(s)']);
});
