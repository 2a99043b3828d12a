'use strict';

/**
 * The sales: a durable entity for each SKU, and the endpoint that reads it.
 *
 * An entity processes one operation at a time, so that concurrent orders add up.
 */

/** @import { HttpRequest, HttpResponseInit } from '@azure/functions' */
/** @import { DurableClient, EntityContext } from 'durable-functions' */

const df = require('durable-functions');
const z = require('zod');

const { errorResponse } = require('./http');
const { parse, sku } = require('./models');

/**
 * Return the id of the entity that counts what was sold of a SKU.
 *
 * @param {string} sku
 */
function salesOf(sku) {
  return new df.EntityId('sales', sku);
}

/**
 * Count the units that were sold of one SKU; the key of the entity is the SKU.
 *
 * @param {EntityContext<number>} context
 */
function sales(context) {
  if (context.df.operationName !== 'add') {
    throw new Error(`sales have no operation ${context.df.operationName}`);
  }
  const sold = context.df.getState() ?? 0;
  const quantity = context.df.getInput() ?? 0;
  context.df.setState(sold + quantity);
}

/**
 * Return how many units of a SKU were sold.
 *
 * @param {HttpRequest} request
 * @param {DurableClient} client
 * @returns {Promise<HttpResponseInit>}
 */
async function getSales(request, client) {
  const { data, error } = parse(z.object({ sku }), request.params);
  if (error !== undefined) {
    return errorResponse(400, error);
  }

  const entity = await client.readEntityState(salesOf(data.sku));
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

module.exports = { salesOf };
