import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONTRACT, runActivity } from './app';

test('refundPayment refunds the total', async () => {
  const { logs } = await runActivity('refundPayment', CONTRACT.completed[0].body);

  assert.deepEqual(logs, ['Refunded 20.00 for order order-1001']);
});
