using System.Net;
using Microsoft.Azure.Functions.Worker.Http;

namespace Orders;

/// <summary>What the HTTP functions share: bodies of requests, responses with an error.</summary>
internal static class HttpExtensions
{
    /// <summary>Returns the body of a request.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(
        this HttpRequestData request, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }

    /// <summary>Returns a response that tells the caller what is wrong.</summary>
    public static async Task<HttpResponseData> CreateErrorAsync(
        this HttpRequestData request, HttpStatusCode status, string error, CancellationToken cancellationToken)
    {
        HttpResponseData response = request.CreateResponse(status);
        await response.WriteAsJsonAsync(new { error }, cancellationToken);
        return response;
    }
}
