using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The HTTP function that hands an approval to the workflow that waits for it.</summary>
public sealed class ApprovalHttp(ILogger<ApprovalHttp> logger)
{
    /// <summary>Approves or rejects an order; the workflow takes the first approval that it gets.</summary>
    [Function(nameof(ApproveOrder))]
    public async Task<HttpResponseData> ApproveOrder(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "orders/{instanceId}/approval")]
        HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string instanceId,
        CancellationToken cancellationToken)
    {
        Approval approval;
        try
        {
            approval = Approval.Parse(await request.ReadBodyAsync(cancellationToken));
        }
        catch (InvalidRequestException e)
        {
            return await request.CreateErrorAsync(HttpStatusCode.BadRequest, e.Message, cancellationToken);
        }

        if (await RefuseAsync(request, client, instanceId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        try
        {
            await client.RaiseEventAsync(instanceId, Approval.EventName, approval, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The workflow may have ended in the meantime; the client throws nothing more specific.
            if (await RefuseAsync(request, client, instanceId, cancellationToken) is { } lateRefusal)
            {
                return lateRefusal;
            }

            throw;
        }

        logger.LogInformation("{Approver} decided about instance {InstanceId}", approval.Approver, instanceId);
        return request.CreateResponse(HttpStatusCode.Accepted);
    }

    // Returns the response about a workflow that takes no approval, or null.
    private static async Task<HttpResponseData?> RefuseAsync(
        HttpRequestData request, DurableTaskClient client, string instanceId, CancellationToken cancellationToken)
    {
        OrchestrationMetadata? workflow = await FindAsync(client, instanceId, cancellationToken);
        return workflow?.RuntimeStatus switch
        {
            null => await request.CreateErrorAsync(
                HttpStatusCode.NotFound, "no order workflow has this id", cancellationToken),
            OrchestrationRuntimeStatus.Pending
                or OrchestrationRuntimeStatus.Running
                or OrchestrationRuntimeStatus.Suspended => null,
            _ => await request.CreateErrorAsync(
                HttpStatusCode.Conflict, "the order workflow has ended", cancellationToken),
        };
    }

    private static async Task<OrchestrationMetadata?> FindAsync(
        DurableTaskClient client, string instanceId, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetInstanceAsync(instanceId, cancellationToken);
        }
        catch (ArgumentException)
        {
            return null; // The client refuses ids that no workflow can have, such as those of entities.
        }
    }
}
