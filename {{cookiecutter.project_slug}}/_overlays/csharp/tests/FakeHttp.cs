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

/// <summary>A response that keeps what it is given.</summary>
internal sealed class FakeResponse(FunctionContext context) : HttpResponseData(context)
{
    public override HttpStatusCode StatusCode { get; set; }

    public override HttpHeadersCollection Headers { get; set; } = [];

    public override Stream Body { get; set; } = new MemoryStream();

    public override HttpCookies Cookies => throw new NotSupportedException();

    /// <summary>The body as JSON.</summary>
    public JsonElement Content => JsonElement.Parse(((MemoryStream)Body).ToArray());

    /// <summary>Returns the value of a header.</summary>
    public string Header(string name) => Assert.Single(Headers.GetValues(name));
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
        Assert.StartsWith("application/json", response.Header("Content-Type"));
        Json.AssertEqual(Json.Write(new { error }), response.Content.GetRawText());
    }
}
