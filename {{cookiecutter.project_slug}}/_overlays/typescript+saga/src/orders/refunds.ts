/**
 * The activity that refunds a payment. Replace the placeholder by a call to your own provider.
 *
 * It may run more than once, so the id of the order is its idempotency key.
 */

import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

import type { Order } from './models';

/** Undo `processPayment`. This placeholder only logs. */
export const refundPayment = df.app.activity('refundPayment', {
  handler: (order: Order, context: InvocationContext): void => {
    context.log(`Refunded ${order.total.toFixed(2)} for order ${order.id}`);
  },
});
