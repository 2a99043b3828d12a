'use strict';

/**
 * The activity that reserves one item of an order. Replace the placeholder by your own inventory.
 *
 * The id of the order and the SKU make the idempotency key: the activity may run more than once.
 */

/** @import { InvocationContext } from '@azure/functions' */
/** @import { OrderItem } from './models' */

const df = require('durable-functions');

/** @typedef {{ orderId: string, item: OrderItem }} Reservation An item that is to be reserved for an order. */

/** Reserve an item and return its units. This placeholder refuses SKUs that are sold out. */
const reserveItem = df.app.activity('reserveItem', {
  /** @type {(reservation: Reservation, context: InvocationContext) => number} */
  handler: ({ orderId, item }, context) => {
    if (item.sku.startsWith('SOLD-OUT')) {
      throw new Error(`SKU ${item.sku} is sold out`);
    }
    context.log(`Reserved ${item.quantity} of ${item.sku} for order ${orderId}`);
    return item.quantity;
  },
});

module.exports = { reserveItem };
