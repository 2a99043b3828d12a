'use strict';

/** The activity that asks for a delivery. Replace the placeholder by a call to your own carrier. */

/** @import { InvocationContext } from '@azure/functions' */

const df = require('durable-functions');

/**
 * The order that is under way, and which poll this is, from 1 on.
 *
 * @typedef {{ orderId: string, poll: number }} DeliveryCheck
 */

/** @typedef {'in transit' | 'delivered'} DeliveryStatus */

/** Return where an order is. This placeholder delivers it at the third poll. */
const checkDelivery = df.app.activity('checkDelivery', {
  /** @type {(check: DeliveryCheck, context: InvocationContext) => DeliveryStatus} */
  handler: ({ orderId, poll }, context) => {
    const status = poll >= 3 ? 'delivered' : 'in transit';
    context.log(`Order ${orderId} is ${status}`);
    return status;
  },
});

module.exports = { checkDelivery };
