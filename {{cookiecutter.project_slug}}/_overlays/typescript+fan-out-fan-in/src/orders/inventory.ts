/**
 * The activity that reserves one item of an order. Replace the placeholder by your own inventory.
 *
 * The id of the order and the SKU make the idempotency key: the activity may run more than once.
 */

import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

import type { OrderItem } from './models';

/** An item that is to be reserved for an order. */
export interface Reservation {
  orderId: string;
  item: OrderItem;
}

/** Reserve an item and return its units. This placeholder refuses SKUs that are sold out. */
export const reserveItem = df.app.activity('reserveItem', {
  handler: ({ orderId, item }: Reservation, context: InvocationContext): number => {
    if (item.sku.startsWith('SOLD-OUT')) {
      throw new Error(`SKU ${item.sku} is sold out`);
    }
    context.log(`Reserved ${item.quantity} of ${item.sku} for order ${orderId}`);
    return item.quantity;
  },
});
