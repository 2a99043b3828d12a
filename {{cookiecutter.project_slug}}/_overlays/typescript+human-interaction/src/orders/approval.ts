/** The approval of an order: its form, and the endpoint that hands it to the waiting workflow. */

import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import * as z from 'zod';

import { errorResponse } from './http';
import { parseBody, shortText } from './models';

export const APPROVAL_EVENT = 'Approval';

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

/** What somebody decided about an order. */
export type Approval = z.infer<typeof approvalSchema>;

/** Return the data of an approval event; some clients send it as JSON text. */
export function readApproval(event: unknown): Approval {
  return approvalSchema.parse(typeof event === 'string' ? JSON.parse(event) : event);
}

/** Approve or reject an order; the workflow takes the first approval that it gets. */
async function approveOrder(
  request: HttpRequest,
  client: df.DurableClient,
  context: InvocationContext,
): Promise<HttpResponseInit> {
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

/** Return the response for a workflow that cannot be approved, undefined if it can. */
async function refuse(
  client: df.DurableClient,
  instanceId: string,
): Promise<HttpResponseInit | undefined> {
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
