using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The HTTP function that starts the order workflow.</summary>
public sealed class OrderHttp(ILogger<OrderHttp> logger)
{
    /// <summary>Starts the workflow of one order and responds at once with the URLs to follow it.</summary>
    [Function(nameof(StartOrder))]
    public async Task<HttpResponseData> StartOrder(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "orders")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        Order order;
        try
        {
            order = OrderParser.Parse(await request.ReadBodyAsync(cancellationToken));
        }
        catch (InvalidRequestException e)
        {
            return await request.CreateErrorAsync(HttpStatusCode.BadRequest, e.Message, cancellationToken);
        }

        string instanceId = await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(OrderOrchestrator.ProcessOrder), order, cancellationToken);
        logger.LogInformation("Started instance {InstanceId} for order {OrderId}", instanceId, order.Id);
        return await AcceptedAsync(request, client.CreateHttpManagementPayload(instanceId, request), cancellationToken);
    }

    // CreateCheckStatusResponseAsync sends no Retry-After.
    private static async Task<HttpResponseData> AcceptedAsync(
        HttpRequestData request, HttpManagementPayload urls, CancellationToken cancellationToken)
    {
        HttpResponseData response = request.CreateResponse(HttpStatusCode.Accepted);
        response.Headers.Add("Location", urls.StatusQueryGetUri);
        response.Headers.Add("Retry-After", "10");
        await response.WriteAsJsonAsync(urls, cancellationToken);
        return response;
    }
}
