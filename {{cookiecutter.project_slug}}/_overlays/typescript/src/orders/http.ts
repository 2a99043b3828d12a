/** The HTTP surface of the order workflow. */

import type { HttpRequest, HttpResponse, HttpResponseInit } from '@azure/functions';
import * as df from 'durable-functions';

import { InvalidOrderError, parseOrder } from './models';

/** Start the workflow of one order and answer at once with the URLs to follow it. */
async function startOrder(
  request: HttpRequest,
  client: df.DurableClient,
): Promise<HttpResponse | HttpResponseInit> {
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

function badRequest(error: InvalidOrderError): HttpResponseInit {
  return { status: 400, jsonBody: { error: error.message } };
}

df.app.client.http('startOrder', {
  route: 'orders',
  methods: ['POST'],
  authLevel: 'function',
  handler: startOrder,
});
