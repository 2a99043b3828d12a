import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runActivity } from './app';

const ITEM = { sku: 'A-1', quantity: 2, unitPrice: 10.0 };

test('reserveItem returns the units', async () => {
  const { result, logs } = await runActivity('reserveItem', { orderId: 'order-1001', item: ITEM });

  assert.equal(result, 2);
  assert.deepEqual(logs, ['Reserved 2 of A-1 for order order-1001']);
});

test('reserveItem refuses a SKU that is sold out', async () => {
  const item = { ...ITEM, sku: 'SOLD-OUT-1' };

  await assert.rejects(runActivity('reserveItem', { orderId: 'order-1001', item }), {
    message: 'SKU SOLD-OUT-1 is sold out',
  });
});
