'use strict';

/** The HTTP surface of the order workflow. */

/** @import { HttpRequest, HttpResponse, HttpResponseInit, InvocationContext } from '@azure/functions' */
/** @import { DurableClient } from 'durable-functions' */

const df = require('durable-functions');

const { orderSchema, parseBody } = require('./models');

/**
 * Start the workflow of one order and return at once the URLs to follow it.
 *
 * @param {HttpRequest} request
 * @param {DurableClient} client
 * @param {InvocationContext} context
 * @returns {Promise<HttpResponse | HttpResponseInit>}
 */
async function startOrder(request, client, context) {
  const { data: order, error } = parseBody(orderSchema, await request.arrayBuffer());
  if (error !== undefined) {
    return errorResponse(400, error);
  }

  const instanceId = await client.startNew('processOrder', { input: order });
  context.log(`Started instance ${instanceId} for order ${order.id}`);
  return client.createCheckStatusResponse(request, instanceId);
}

/**
 * Return a response that tells the caller what is wrong.
 *
 * @param {number} status
 * @param {string} error
 * @returns {HttpResponseInit}
 */
function errorResponse(status, error) {
  return { status, jsonBody: { error } };
}

df.app.client.http('startOrder', {
  route: 'orders',
  methods: ['POST'],
  authLevel: 'function',
  handler: startOrder,
});

module.exports = { errorResponse };
