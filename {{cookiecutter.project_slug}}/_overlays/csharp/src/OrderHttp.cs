using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The HTTP surface of the order workflow.</summary>
public sealed class OrderHttp(ILogger<OrderHttp> logger)
{
    /// <summary>Starts the workflow of one order and answers at once with the URLs to follow it.</summary>
    [Function(nameof(StartOrder))]
    public async Task<HttpResponseData> StartOrder(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "orders")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        Order order;
        try
        {
            order = OrderParser.Parse(await ReadBodyAsync(request, cancellationToken));
        }
        catch (InvalidOrderException e)
        {
            return await BadRequestAsync(request, e.Message, cancellationToken);
        }

        string instanceId = await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(OrderOrchestrator.ProcessOrder), order, cancellationToken);
        logger.LogInformation("Started instance {InstanceId} for order {OrderId}", instanceId, order.Id);
        return await AcceptedAsync(request, client.CreateHttpManagementPayload(instanceId, request), cancellationToken);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        HttpRequestData request, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    // CreateCheckStatusResponseAsync sends no Retry-After. Writing the body sends the headers, so they come first.
    private static async Task<HttpResponseData> AcceptedAsync(
        HttpRequestData request, HttpManagementPayload urls, CancellationToken cancellationToken)
    {
        HttpResponseData response = request.CreateResponse(HttpStatusCode.Accepted);
        response.Headers.Add("Location", urls.StatusQueryGetUri);
        response.Headers.Add("Retry-After", "10");
        await response.WriteAsJsonAsync(urls, cancellationToken);
        return response;
    }

    private static async Task<HttpResponseData> BadRequestAsync(
        HttpRequestData request, string error, CancellationToken cancellationToken)
    {
        HttpResponseData response = request.CreateResponse(HttpStatusCode.BadRequest);
        await response.WriteAsJsonAsync(new { error }, cancellationToken);
        return response;
    }
}
