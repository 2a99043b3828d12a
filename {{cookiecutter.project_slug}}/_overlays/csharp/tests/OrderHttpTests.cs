using System.Net;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Moq;

namespace Orders.Tests;

public sealed class OrderHttpTests
{
    private readonly FakeLogger<OrderHttp> _logger = new();
    private readonly List<(string Orchestrator, string Input)> _started = [];

    [Fact]
    public void StartOrder_is_a_post_that_needs_a_key() =>
        HttpAssert.HasTrigger(nameof(OrderHttp.StartOrder), "post", "orders");

    [Fact]
    public async Task A_good_order_is_started()
    {
        FakeResponse response = await PostAsync(Contract.GoodBody);

        Assert.Equal("ProcessOrder", Assert.Single(_started).Orchestrator);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("10", response.Header("Retry-After"));
        Assert.EndsWith("/instances/instance-1", response.Header("Location").Split('?')[0]);
        Assert.Equal(["Started instance instance-1 for order order-1001"], _logger.Lines);
    }

    [Fact]
    public async Task The_response_has_the_urls_to_follow_the_workflow()
    {
        FakeResponse response = await PostAsync(Contract.GoodBody);

        Assert.StartsWith("application/json", response.Header("Content-Type"));
        Assert.Equal("instance-1", response.Content.GetProperty("id").GetString());
        Assert.Equal(response.Header("Location"), Url(response, "statusQueryGetUri"));
        Assert.Contains("/instances/instance-1/raiseEvent/{eventName}", Url(response, "sendEventPostUri"));
        Assert.Contains("/instances/instance-1/terminate", Url(response, "terminatePostUri"));
    }

    [Theory]
    [MemberData(nameof(Contract.Accepted), MemberType = typeof(Contract))]
    public async Task A_well_formed_order_reaches_the_workflow(string body, string order)
    {
        FakeResponse response = await PostAsync(body);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Json.AssertEqual(order, Assert.Single(_started).Input);
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

    private async Task CheckRefusedAsync(byte[] body, string error)
    {
        FakeResponse response = await PostAsync(body);

        HttpAssert.IsError(HttpStatusCode.BadRequest, error, response);
        Assert.Empty(_started);
    }

    private Task<FakeResponse> PostAsync(string body) => PostAsync(Bytes(body));

    private async Task<FakeResponse> PostAsync(byte[] body) => (FakeResponse)await new OrderHttp(_logger).StartOrder(
        new FakeRequest("POST", body), Client(), TestContext.Current.CancellationToken);

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
                _started.Add((name.Name, Json.Write(input))))
            .ReturnsAsync("instance-1");
        return client.Object;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string? Url(FakeResponse response, string name) => response.Content.GetProperty(name).GetString();
}
