using System.Net;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;

namespace Orders;

/// <summary>The HTTP function that reads the sales.</summary>
public static class SalesHttp
{
    /// <summary>Returns how many units of a SKU were sold.</summary>
    [Function(nameof(GetSales))]
    public static async Task<HttpResponseData> GetSales(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "sales/{sku}")] HttpRequestData request,
        [DurableClient] DurableTaskClient client,
        string sku,
        CancellationToken cancellationToken)
    {
        if (!OrderParser.IsSku(sku))
        {
            return await request.CreateErrorAsync(
                HttpStatusCode.BadRequest, $"sku {OrderParser.SkuRule}", cancellationToken);
        }

        EntityMetadata<long>? sales = await client.Entities.GetEntityAsync<long>(Sales.Of(sku), cancellationToken);
        if (sales is null)
        {
            return await request.CreateErrorAsync(
                HttpStatusCode.NotFound, "no sales of this SKU", cancellationToken);
        }

        HttpResponseData response = request.CreateResponse(HttpStatusCode.OK);
        await response.WriteAsJsonAsync(new { sku, quantity = sales.State }, cancellationToken);
        return response;
    }
}
