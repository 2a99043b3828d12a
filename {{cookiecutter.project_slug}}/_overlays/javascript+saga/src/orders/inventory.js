'use strict';

/**
 * The activities that reserve and release inventory. Replace the placeholders by your own service.
 *
 * Both may run more than once, so the id of the order is their idempotency key. A release must also
 * succeed if nothing is reserved any more.
 */

/** @import { InvocationContext } from '@azure/functions' */
/** @import { Order } from './models' */

const df = require('durable-functions');

/** Reserve all items of an order. This placeholder refuses SKUs that are sold out. */
const reserveInventory = df.app.activity('reserveInventory', {
  /** @type {(order: Order, context: InvocationContext) => void} */
  handler: (order, context) => {
    const soldOut = order.items.find((item) => item.sku.startsWith('SOLD-OUT'));
    if (soldOut) {
      throw new Error(`SKU ${soldOut.sku} is sold out`);
    }
    context.log(`Reserved ${order.items.length} item(s) for order ${order.id}`);
  },
});

/** Undo `reserveInventory`. This placeholder only logs. */
const releaseInventory = df.app.activity('releaseInventory', {
  /** @type {(order: Order, context: InvocationContext) => void} */
  handler: (order, context) => {
    context.log(`Released ${order.items.length} item(s) of order ${order.id}`);
  },
});

module.exports = { releaseInventory, reserveInventory };
