/**
 * The sales: a durable entity for each SKU, and the endpoint that reads it.
 *
 * An entity processes one operation at a time, so that concurrent orders add up.
 */

import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import * as df from 'durable-functions';
import * as z from 'zod';

import { errorResponse } from './http';
import { parse, sku } from './models';

/** Return the id of the entity that counts what was sold of a SKU. */
export function salesOf(sku: string): df.EntityId {
  return new df.EntityId('sales', sku);
}

/** Count the units that were sold of one SKU; the key of the entity is the SKU. */
function sales(context: df.EntityContext<number>): void {
  if (context.df.operationName !== 'add') {
    throw new Error(`sales have no operation ${context.df.operationName}`);
  }
  const sold = context.df.getState() ?? 0;
  const quantity = context.df.getInput() ?? 0;
  context.df.setState(sold + quantity);
}

/** Return how many units of a SKU were sold. */
async function getSales(request: HttpRequest, client: df.DurableClient): Promise<HttpResponseInit> {
  const { data, error } = parse(z.object({ sku }), request.params);
  if (error !== undefined) {
    return errorResponse(400, error);
  }

  const entity = await client.readEntityState<number>(salesOf(data.sku));
  if (!entity.entityExists) {
    return errorResponse(404, 'no sales of this SKU');
  }
  return { jsonBody: { sku: data.sku, quantity: entity.entityState } };
}

df.app.entity('sales', sales);

df.app.client.http('getSales', {
  route: 'sales/{sku}',
  methods: ['GET'],
  authLevel: 'function',
  handler: getSales,
});
