/** The HTTP surface of the order workflow. */

import type {
  HttpRequest,
  HttpResponse,
  HttpResponseInit,
  InvocationContext,
} from '@azure/functions';
import * as df from 'durable-functions';

import { orderSchema, parseBody } from './models';

/** Start the workflow of one order and return at once the URLs to follow it. */
async function startOrder(
  request: HttpRequest,
  client: df.DurableClient,
  context: InvocationContext,
): Promise<HttpResponse | HttpResponseInit> {
  const { data: order, error } = parseBody(orderSchema, await request.arrayBuffer());
  if (error !== undefined) {
    return errorResponse(400, error);
  }

  const instanceId = await client.startNew('processOrder', { input: order });
  context.log(`Started instance ${instanceId} for order ${order.id}`);
  return client.createCheckStatusResponse(request, instanceId);
}

/** Return a response that tells the caller what is wrong. */
export function errorResponse(status: number, error: string): HttpResponseInit {
  return { status, jsonBody: { error } };
}

df.app.client.http('startOrder', {
  route: 'orders',
  methods: ['POST'],
  authLevel: 'function',
  handler: startOrder,
});
