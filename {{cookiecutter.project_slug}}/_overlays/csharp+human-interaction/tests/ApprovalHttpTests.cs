using System.Net;
using System.Text;
using Microsoft.DurableTask.Client;
using Moq;

namespace Orders.Tests;

public sealed class ApprovalHttpTests
{
    private const string Body = """{"approved": true, "approver": "ann"}""";

    private readonly FakeLogger<ApprovalHttp> _logger = new();
    private readonly Mock<DurableTaskClient> _client = new("test") { CallBase = true };
    private readonly List<(string InstanceId, string Name, string Data)> _raised = [];

    public ApprovalHttpTests() => _client
        .Setup(c => c.RaiseEventAsync("instance-1", It.IsAny<string>(), It.IsAny<object?>(), It.IsAny<CancellationToken>()))
        .Callback((string id, string name, object? data, CancellationToken _) =>
            _raised.Add((id, name, Json.Write(data))))
        .Returns(Task.CompletedTask);

    public static IEnumerable<TheoryDataRow<string, string>> Rejected =>
        Contract.RejectedBy("rejectedApprovals", Contract.BodyOf);

    [Fact]
    public void ApproveOrder_is_a_post_that_needs_a_key() =>
        HttpAssert.HasTrigger(nameof(ApprovalHttp.ApproveOrder), "post", "orders/{instanceId}/approval");

    [Theory]
    [InlineData("Pending")]
    [InlineData("Running")]
    [InlineData("Suspended")]
    public async Task An_approval_reaches_the_workflow(string status)
    {
        HasStatus(status);

        FakeResponse response = await PostAsync(Body);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(0, response.Body.Length);
        Assert.Equal([("instance-1", "Approval", """{"approved":true,"approver":"ann"}""")], _raised);
        Assert.Equal(["ann decided about instance instance-1"], _logger.Lines);
    }

    [Fact]
    public async Task Other_fields_do_not_reach_the_workflow()
    {
        HasStatus("Running");

        await PostAsync("""{"approved": false, "note": {"text": "gift"}, "approver": "ann"}""");

        Assert.Equal("""{"approved":false,"approver":"ann"}""", Assert.Single(_raised).Data);
    }

    [Fact]
    public async Task The_longest_approver_is_accepted()
    {
        HasStatus("Running");
        string approver = string.Concat(Enumerable.Repeat("📦", 100));

        FakeResponse response = await PostAsync($$"""{"approved": true, "approver": "{{approver}}"}""");

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Rejected))]
    public async Task A_malformed_approval_is_refused_before_the_workflow_is_looked_for(string body, string error)
    {
        FakeResponse response = await PostAsync(body);

        HttpAssert.IsError(HttpStatusCode.BadRequest, error, response);
        _client.VerifyNoOtherCalls();
    }

    [Fact]
    public async Task An_unknown_workflow_is_not_found()
    {
        HasStatus(null);

        FakeResponse response = await PostAsync(Body);

        HttpAssert.IsError(HttpStatusCode.NotFound, "no order workflow has this id", response);
        Assert.Empty(_raised);
    }

    [Fact]
    public async Task An_id_that_the_client_refuses_is_not_found()
    {
        Instance().ThrowsAsync(new ArgumentException("Instance IDs starting with '@' are reserved for entities."));

        FakeResponse response = await PostAsync(Body);

        HttpAssert.IsError(HttpStatusCode.NotFound, "no order workflow has this id", response);
    }

    [Theory]
    [InlineData("Completed")]
    [InlineData("Failed")]
    [InlineData("Terminated")]
    [InlineData("Canceled")]
    public async Task A_workflow_that_has_ended_takes_no_approval(string status)
    {
        HasStatus(status);

        FakeResponse response = await PostAsync(Body);

        HttpAssert.IsError(HttpStatusCode.Conflict, "the order workflow has ended", response);
        Assert.Empty(_raised);
    }

    [Theory]
    [InlineData("Completed", HttpStatusCode.Conflict, "the order workflow has ended")]
    [InlineData(null, HttpStatusCode.NotFound, "no order workflow has this id")]
    public async Task A_workflow_may_end_before_the_event_is_raised(string? status, HttpStatusCode code, string error)
    {
        RaisingFails();
        _client
            .SetupSequence(c => c.GetInstancesAsync("instance-1", It.IsAny<bool>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync(Workflow("Running"))
            .ReturnsAsync(status is null ? null : Workflow(status));

        FakeResponse response = await PostAsync(Body);

        HttpAssert.IsError(code, error, response);
    }

    [Fact]
    public async Task Another_failure_of_the_client_is_not_hidden()
    {
        RaisingFails();
        HasStatus("Running");

        await Assert.ThrowsAsync<IOException>(() => PostAsync(Body));
        Assert.Empty(_logger.Lines);
    }

    private static OrchestrationMetadata Workflow(string status) => new("ProcessOrder", "instance-1")
    {
        RuntimeStatus = Enum.Parse<OrchestrationRuntimeStatus>(status),
    };

    private void HasStatus(string? status) => Instance().ReturnsAsync(status is null ? null : Workflow(status));

    private void RaisingFails() => _client
        .Setup(c => c.RaiseEventAsync("instance-1", It.IsAny<string>(), It.IsAny<object?>(), It.IsAny<CancellationToken>()))
        .ThrowsAsync(new IOException("The host does not respond."));

    private Moq.Language.Flow.ISetup<DurableTaskClient, Task<OrchestrationMetadata?>> Instance() => _client.Setup(
        c => c.GetInstancesAsync("instance-1", It.IsAny<bool>(), It.IsAny<CancellationToken>()));

    private async Task<FakeResponse> PostAsync(string body) => (FakeResponse)await new ApprovalHttp(_logger).ApproveOrder(
        new FakeRequest("POST", Encoding.UTF8.GetBytes(body)),
        _client.Object,
        "instance-1",
        TestContext.Current.CancellationToken);
}
