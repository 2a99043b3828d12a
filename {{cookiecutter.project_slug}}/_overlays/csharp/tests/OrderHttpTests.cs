using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Orders.Tests;

public sealed class OrderHttpTests
{
    private readonly List<(string Orchestrator, string Input)> _started = [];

    [Fact]
    public async Task A_good_order_is_started()
    {
        FakeResponse response = await PostAsync(Contract.GoodBody);

        CheckStartedOrder();
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("10", response.SentHeaders["Retry-After"]);
        Assert.EndsWith("/instances/instance-1", response.SentHeaders["Location"].Split('?')[0]);
    }

    [Fact]
    public async Task The_answer_has_the_urls_to_follow_the_workflow()
    {
        FakeResponse response = await PostAsync(Contract.GoodBody);

        Assert.StartsWith("application/json", response.SentHeaders["Content-Type"]);
        Assert.Equal("instance-1", response.SentJson.GetProperty("id").GetString());
        Assert.Equal(response.SentHeaders["Location"], Url(response, "statusQueryGetUri"));
        Assert.Contains("/instances/instance-1/raiseEvent/{eventName}", Url(response, "sendEventPostUri"));
        Assert.Contains("/instances/instance-1/terminate", Url(response, "terminatePostUri"));
    }

    [Fact]
    public async Task A_byte_order_mark_is_ignored()
    {
        FakeResponse response = await PostAsync([.. Encoding.UTF8.Preamble, .. Bytes(Contract.GoodBody)]);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Unknown_members_do_not_reach_the_workflow()
    {
        string body = Contract.GoodBody
            .Replace("\"id\":", "\"note\": {\"text\": \"gift\"}, \"id\":")
            .Replace("\"sku\":", "\"color\": \"red\", \"sku\":");

        await PostAsync(body);

        CheckStartedOrder();
    }

    [Theory]
    [MemberData(nameof(Contract.Rejected), MemberType = typeof(Contract))]
    public Task A_malformed_order_is_refused(string body, string error) => CheckRefusedAsync(Bytes(body), error);

    [Theory]
    [InlineData("{/* a comment */}")]
    [InlineData("{\"\\ud800\": \"half of a character\"}")]
    public Task A_body_that_is_not_quite_json_is_refused(string body) =>
        CheckRefusedAsync(Bytes(body), "body is not valid JSON");

    [Fact]
    public Task A_body_that_is_not_utf_8_is_refused() =>
        CheckRefusedAsync([.. "{\"id\": \""u8, 0xff, .. "\"}"u8], "body is not valid JSON");

    [Fact]
    public Task A_body_that_is_nested_too_deeply_is_refused() =>
        CheckRefusedAsync(Bytes(new string('[', 100_000)), "body is not valid JSON");

    private void CheckStartedOrder()
    {
        (string orchestrator, string input) = Assert.Single(_started);
        Assert.Equal("ProcessOrder", orchestrator);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(Contract.GoodBody), JsonElement.Parse(input)), input);
    }

    private async Task CheckRefusedAsync(byte[] body, string error)
    {
        FakeResponse response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.StartsWith("application/json", response.SentHeaders["Content-Type"]);
        Assert.Equal(Json(new { error }), response.SentJson.GetRawText());
        Assert.Empty(_started);
    }

    private Task<FakeResponse> PostAsync(string body) => PostAsync(Bytes(body));

    private async Task<FakeResponse> PostAsync(byte[] body)
    {
        OrderHttp http = ActivatorUtilities.CreateInstance<OrderHttp>(App.Services);
        return (FakeResponse)await http.StartOrder(
            new FakeRequest(body), Client(), TestContext.Current.CancellationToken);
    }

    private DurableTaskClient Client()
    {
        Mock<DurableTaskClient> client = new("test") { CallBase = true };
        client
            .Setup(c => c.ScheduleNewOrchestrationInstanceAsync(
                It.IsAny<TaskName>(),
                It.IsAny<object?>(),
                It.IsAny<StartOrchestrationOptions?>(),
                It.IsAny<CancellationToken>()))
            .Callback((TaskName name, object? input, StartOrchestrationOptions? _, CancellationToken _) =>
                _started.Add((name.Name, Json(input))))
            .ReturnsAsync("instance-1");
        return client.Object;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Json(object? value) => JsonSerializer.Serialize(value, App.Json);

    private static string? Url(FakeResponse response, string name) => response.SentJson.GetProperty(name).GetString();
}
