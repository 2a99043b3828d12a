'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { runActivity } = require('./app');

const ITEM = { sku: 'A-1', quantity: 2, unitPrice: 10.0 };
const ORDER = { id: 'order-1001', items: [ITEM], total: 20.0 };

test('reserveInventory reserves all items', async () => {
  const { logs } = await runActivity('reserveInventory', ORDER);

  assert.deepEqual(logs, ['Reserved 1 item(s) for order order-1001']);
});

test('reserveInventory refuses a SKU that is sold out', async () => {
  const order = { ...ORDER, items: [ITEM, { ...ITEM, sku: 'SOLD-OUT-1' }] };

  await assert.rejects(runActivity('reserveInventory', order), {
    message: 'SKU SOLD-OUT-1 is sold out',
  });
});

test('releaseInventory releases all items', async () => {
  const { logs } = await runActivity('releaseInventory', ORDER);

  assert.deepEqual(logs, ['Released 1 item(s) of order order-1001']);
});
