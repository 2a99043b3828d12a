'use strict';

/**
 * The activity that refunds a payment. Replace the placeholder by a call to your own provider.
 *
 * It may run more than once, so the id of the order is its idempotency key.
 */

/** @import { InvocationContext } from '@azure/functions' */
/** @import { Order } from './models' */

const df = require('durable-functions');

/** Undo `processPayment`. This placeholder only logs. */
const refundPayment = df.app.activity('refundPayment', {
  /** @type {(order: Order, context: InvocationContext) => void} */
  handler: (order, context) => {
    context.log(`Refunded ${order.total.toFixed(2)} for order ${order.id}`);
  },
});

module.exports = { refundPayment };
