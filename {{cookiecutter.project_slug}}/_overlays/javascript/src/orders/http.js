'use strict';

/** The HTTP surface of the order workflow. */

/** @import { HttpRequest, HttpResponse, HttpResponseInit } from '@azure/functions' */
/** @import { DurableClient } from 'durable-functions' */

const df = require('durable-functions');

const { InvalidOrderError, parseOrder } = require('./models');

/**
 * Start the workflow of one order and answer at once with the URLs to follow it.
 *
 * @param {HttpRequest} request
 * @param {DurableClient} client
 * @returns {Promise<HttpResponse | HttpResponseInit>}
 */
async function startOrder(request, client) {
  try {
    const order = parseOrder(await request.arrayBuffer());
    const instanceId = await client.startNew('processOrder', { input: order });
    return client.createCheckStatusResponse(request, instanceId);
  } catch (error) {
    if (error instanceof InvalidOrderError) {
      return badRequest(error);
    }
    throw error;
  }
}

/**
 * @param {InvalidOrderError} error
 * @returns {HttpResponseInit}
 */
function badRequest(error) {
  return { status: 400, jsonBody: { error: error.message } };
}

df.app.client.http('startOrder', {
  route: 'orders',
  methods: ['POST'],
  authLevel: 'function',
  handler: startOrder,
});
