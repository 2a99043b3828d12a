'use strict';

/**
 * The activities: the only place for I/O. Replace the placeholders by calls to your own services.
 *
 * Durable Functions runs an activity at least once, so a call that moves money or goods needs an
 * idempotency key. The id of the order is one.
 */

/** @import { InvocationContext } from '@azure/functions' */
/** @import { Order } from './models' */

const df = require('durable-functions');

const PAYMENT_LIMIT = 10_000;

/** Return the reason why the order cannot be processed, or null. */
const validateOrder = df.app.activity('validateOrder', {
  /** @type {(order: Order) => string | null} */
  handler: (order) => {
    if (order.items.length === 0) {
      return 'order has no items';
    }
    if (order.total <= 0) {
      return 'total must be greater than 0';
    }
    return null;
  },
});

/** Charge the total. This placeholder refuses totals above the limit, to show a failure. */
const processPayment = df.app.activity('processPayment', {
  /** @type {(order: Order, context: InvocationContext) => void} */
  handler: (order, context) => {
    if (order.total > PAYMENT_LIMIT) {
      throw new Error(`the payment provider refuses totals above ${PAYMENT_LIMIT}`);
    }
    context.log(`Charged ${order.total.toFixed(2)} for order ${order.id}`);
  },
});

/** Hand the order to the carrier. This placeholder only logs. */
const shipOrder = df.app.activity('shipOrder', {
  /** @type {(order: Order, context: InvocationContext) => void} */
  handler: (order, context) => {
    context.log(`Shipped order ${order.id} with ${order.items.length} item(s)`);
  },
});

module.exports = { processPayment, shipOrder, validateOrder };
