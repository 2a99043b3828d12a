/** The activity that asks for a delivery. Replace the placeholder by a call to your own carrier. */

import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

/** The order that is under way, and which poll this is, from 1 on. */
export interface DeliveryCheck {
  orderId: string;
  poll: number;
}

export type DeliveryStatus = 'in transit' | 'delivered';

/** Return where an order is. This placeholder delivers it at the third poll. */
export const checkDelivery = df.app.activity('checkDelivery', {
  handler: ({ orderId, poll }: DeliveryCheck, context: InvocationContext): DeliveryStatus => {
    const status = poll >= 3 ? 'delivered' : 'in transit';
    context.log(`Order ${orderId} is ${status}`);
    return status;
  },
});
