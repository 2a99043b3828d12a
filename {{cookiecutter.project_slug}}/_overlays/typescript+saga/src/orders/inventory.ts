/**
 * The activities that reserve and release inventory. Replace the placeholders by your own service.
 *
 * Both may run more than once, so the id of the order is their idempotency key. A release must also
 * succeed if nothing is reserved any more.
 */

import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

import type { Order } from './models';

/** Reserve all items of an order. This placeholder refuses SKUs that are sold out. */
export const reserveInventory = df.app.activity('reserveInventory', {
  handler: (order: Order, context: InvocationContext): void => {
    const soldOut = order.items.find((item) => item.sku.startsWith('SOLD-OUT'));
    if (soldOut) {
      throw new Error(`SKU ${soldOut.sku} is sold out`);
    }
    context.log(`Reserved ${order.items.length} item(s) for order ${order.id}`);
  },
});

/** Undo `reserveInventory`. This placeholder only logs. */
export const releaseInventory = df.app.activity('releaseInventory', {
  handler: (order: Order, context: InvocationContext): void => {
    context.log(`Released ${order.items.length} item(s) of order ${order.id}`);
  },
});
