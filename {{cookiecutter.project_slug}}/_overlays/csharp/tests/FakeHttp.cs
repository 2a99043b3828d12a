using System.Net;
using System.Reflection;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Moq;

namespace Orders.Tests;

/// <summary>A request whose responses use the services of the app.</summary>
internal sealed class FakeRequest(string method, byte[] body) : HttpRequestData(Context())
{
    public override Stream Body { get; } = new MemoryStream(body);

    public override HttpHeadersCollection Headers { get; } = [];

    public override IReadOnlyCollection<IHttpCookie> Cookies => [];

    public override Uri Url { get; } = new("http://localhost:7071/api/orders");

    public override IEnumerable<ClaimsIdentity> Identities => [];

    public override string Method => method;

    public override HttpResponseData CreateResponse() => new FakeResponse(FunctionContext);

    private static FunctionContext Context()
    {
        Mock<FunctionContext> context = new();
        context.SetupProperty(c => c.InstanceServices, App.Services);
        return context.Object;
    }
}

/// <summary>A response that is sent as the host does: with its first byte, the headers leave.</summary>
internal sealed class FakeResponse : HttpResponseData
{
    public FakeResponse(FunctionContext context)
        : base(context) => Body = new SentBody(this);

    public override HttpStatusCode StatusCode { get; set; }

    public override HttpHeadersCollection Headers { get; set; } = [];

    public override Stream Body { get; set; }

    public override HttpCookies Cookies => throw new NotSupportedException();

    /// <summary>The headers that reach the caller.</summary>
    public IReadOnlyDictionary<string, string> SentHeaders { get; private set; } = new Dictionary<string, string>();

    /// <summary>The body that reaches the caller.</summary>
    public JsonElement SentJson => JsonElement.Parse(((MemoryStream)Body).ToArray());

    private void Send()
    {
        if (Body.Length == 0)
        {
            SentHeaders = Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        }
    }

    private sealed class SentBody(FakeResponse response) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            response.Send();
            base.Write(buffer, offset, count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.ToArray(), 0, buffer.Length);
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>What is expected of HTTP functions.</summary>
internal static class HttpAssert
{
    /// <summary>Checks how a function is reached: it needs a key in any case.</summary>
    public static void HasTrigger(string function, string method, string route)
    {
        HttpTriggerAttribute trigger = App.TriggerOf<HttpTriggerAttribute>(App.Functions[function])!
            .GetCustomAttribute<HttpTriggerAttribute>()!;

        Assert.Equal(route, trigger.Route);
        Assert.Equal([method], trigger.Methods!);
        Assert.Equal(AuthorizationLevel.Function, trigger.AuthLevel);
    }

    /// <summary>Checks that a response tells the caller what is wrong.</summary>
    public static void IsError(HttpStatusCode status, string error, FakeResponse response)
    {
        Assert.Equal(status, response.StatusCode);
        Assert.StartsWith("application/json", response.SentHeaders["Content-Type"]);
        Json.AssertEqual(Json.Write(new { error }), response.SentJson.GetRawText());
    }
}
