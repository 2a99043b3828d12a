import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runActivity } from './app';

const POLLS = [
  { poll: 1, status: 'in transit' },
  { poll: 2, status: 'in transit' },
  { poll: 3, status: 'delivered' },
  { poll: 4, status: 'delivered' },
];

for (const { poll, status } of POLLS) {
  test(`poll ${poll} finds the order ${status}`, async () => {
    const { result, logs } = await runActivity('checkDelivery', { orderId: 'order-1001', poll });

    assert.equal(result, status);
    assert.deepEqual(logs, [`Order order-1001 is ${status}`]);
  });
}
