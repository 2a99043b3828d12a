using System.Text;
using System.Text.Json;
using Microsoft.DurableTask.Client;

namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly Order Order = Contract.GoodOrder;
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly DurableCall Validation = DurableCall.Activity("ValidateOrder", Order);
    private static readonly DurableCall Payment = DurableCall.Activity("ProcessPayment", Order, Retry);
    private static readonly DurableCall Shipping = DurableCall.Activity("ShipOrder", Order, Retry);

    private readonly Orchestration _orchestration = new();

    [Fact]
    public async Task A_good_order_is_validated_paid_and_shipped()
    {
        EndedOrchestration run = await _orchestration.Slowly().RunAsync("ProcessOrder", Order);

        Assert.Equal([Validation, Payment, Shipping], run.Calls);
        CheckOutput("""{"success":true,"orderId":"order-1001"}""", run);
        Assert.Equal(["ValidateOrder", "ProcessPayment", "ShipOrder"], run.Attempts);
    }

    [Fact]
    public async Task An_order_that_is_not_valid_is_neither_paid_nor_shipped()
    {
        EndedOrchestration run = await _orchestration.RunAsync("ProcessOrder", Order with { Items = [] });

        CheckOutput("""{"success":false,"orderId":"order-1001","reason":"order has no items"}""", run);
        Assert.Equal(["ValidateOrder"], run.Attempts);
    }

    [Fact]
    public async Task Payment_and_shipping_may_fail_twice()
    {
        _orchestration.Fail("ProcessPayment", attempts: 2).Fail("ShipOrder", attempts: 2);

        EndedOrchestration run = await _orchestration.RunAsync("ProcessOrder", Order);

        CheckOutput("""{"success":true,"orderId":"order-1001"}""", run);
        Assert.Equal([Validation, Payment, Shipping], run.Calls);
        Assert.Equal(3, run.Attempts.Count(name => name == "ProcessPayment"));
        Assert.Equal(3, run.Attempts.Count(name => name == "ShipOrder"));
    }

    [Fact]
    public async Task A_payment_that_fails_for_good_ends_the_workflow()
    {
        _orchestration.Fail("ProcessPayment", attempts: 9);

        EndedOrchestration run = await _orchestration.RunAsync("ProcessOrder", Order);

        CheckOutput("""{"success":false,"orderId":"order-1001","reason":"payment failed"}""", run);
        Assert.Equal(["ValidateOrder", .. Enumerable.Repeat("ProcessPayment", 3)], run.Attempts);
    }

    [Fact]
    public async Task A_shipping_that_fails_for_good_ends_the_workflow()
    {
        _orchestration.Fail("ShipOrder", attempts: 9);

        EndedOrchestration run = await _orchestration.RunAsync("ProcessOrder", Order);

        CheckOutput("""{"success":false,"orderId":"order-1001","reason":"shipping failed"}""", run);
        Assert.Equal(["ValidateOrder", "ProcessPayment", .. Enumerable.Repeat("ShipOrder", 3)], run.Attempts);
    }

    [Fact]
    public async Task A_validation_that_breaks_fails_the_orchestration()
    {
        _orchestration.Fail("ValidateOrder", attempts: 1);

        EndedOrchestration run = await _orchestration.RunAsync("ProcessOrder", Order);

        Assert.Equal(OrchestrationRuntimeStatus.Failed, run.State.RuntimeStatus);
        Assert.Equal(["ValidateOrder"], run.Attempts);
    }

    [Theory]
    [MemberData(nameof(Contract.Completed), MemberType = typeof(Contract))]
    public async Task The_workflow_completes_with_its_output(string body, string output)
    {
        Order order = OrderParser.Parse(Encoding.UTF8.GetBytes(body));

        CheckOutput(output, await _orchestration.RunAsync("ProcessOrder", order));
    }

    private static void CheckOutput(string expected, EndedOrchestration run)
    {
        Assert.Equal(OrchestrationRuntimeStatus.Completed, run.State.RuntimeStatus);
        JsonElement output = JsonElement.Parse(run.State.SerializedOutput!);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), output), output.GetRawText());
    }
}
