'use strict';

/** The approval of an order: its form, and the endpoint that hands it to the waiting workflow. */

/** @import { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions' */
/** @import { DurableClient } from 'durable-functions' */

const df = require('durable-functions');
const z = require('zod');

const { errorResponse } = require('./http');
const { parseBody, shortText } = require('./models');

const APPROVAL_EVENT = 'Approval';

const ENDED = [
  df.OrchestrationRuntimeStatus.Completed,
  df.OrchestrationRuntimeStatus.Failed,
  df.OrchestrationRuntimeStatus.Terminated,
  df.OrchestrationRuntimeStatus.Canceled,
];

const approvalSchema = z.object(
  { approved: z.boolean('must be true or false'), approver: shortText },
  'must be a JSON object',
);

/**
 * What somebody decided about an order.
 *
 * @typedef {z.infer<typeof approvalSchema>} Approval
 */

/**
 * Return the data of an approval event; some clients send it as JSON text.
 *
 * @param {unknown} event
 * @returns {Approval}
 */
function readApproval(event) {
  return approvalSchema.parse(typeof event === 'string' ? JSON.parse(event) : event);
}

/**
 * Approve or reject an order; the workflow takes the first approval that it gets.
 *
 * @param {HttpRequest} request
 * @param {DurableClient} client
 * @param {InvocationContext} context
 * @returns {Promise<HttpResponseInit>}
 */
async function approveOrder(request, client, context) {
  const { data: approval, error } = parseBody(approvalSchema, await request.arrayBuffer());
  if (error !== undefined) {
    return errorResponse(400, error);
  }

  const instanceId = encodeURIComponent(request.params.instanceId); // the SDK makes a URL of it
  const refusal = await refuse(client, instanceId);
  if (refusal) {
    return refusal;
  }
  // The SDK ignores the event of a workflow that has ended in the meantime.
  await client.raiseEvent(instanceId, APPROVAL_EVENT, approval);
  context.log(`${approval.approver} decided about instance ${instanceId}`);
  return { status: 202 };
}

/**
 * Return the response for a workflow that cannot be approved, undefined if it can.
 *
 * @param {DurableClient} client
 * @param {string} instanceId
 * @returns {Promise<HttpResponseInit | undefined>}
 */
async function refuse(client, instanceId) {
  try {
    const { runtimeStatus } = await client.getStatus(instanceId);
    return ENDED.includes(runtimeStatus)
      ? errorResponse(409, 'the order workflow has ended')
      : undefined;
  } catch (error) {
    // The SDK throws nothing more specific for an unknown id.
    if (error instanceof Error && error.message.includes('HTTP 404')) {
      return errorResponse(404, 'no order workflow has this id');
    }
    throw error;
  }
}

df.app.client.http('approveOrder', {
  route: 'orders/{instanceId}/approval',
  methods: ['POST'],
  authLevel: 'function',
  handler: approveOrder,
});

module.exports = { APPROVAL_EVENT, readApproval };
