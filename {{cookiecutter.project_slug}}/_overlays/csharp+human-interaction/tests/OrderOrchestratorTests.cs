namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly Order Order = Contract.GoodOrder with { Total = 1_000 };
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);

    private static readonly Approval Approved = new(true, "ann");
    private static readonly Approval Rejected = new(false, "ann");

    private readonly Replay _run = Start(Order);

    [Theory]
    [InlineData(20)]
    [InlineData(999.99)]
    public void A_small_order_needs_no_approval(double total)
    {
        Replay run = Start(Order with { Total = total });
        run.Complete();
        run.Complete();
        run.Complete();

        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", run.Output);
        Assert.Null(run.CustomStatus);
    }

    [Fact]
    public void A_large_order_waits_for_an_approval()
    {
        Assert.Equal([Validation], _run.WaitsFor);
        _run.Complete();

        Assert.Equal(
            [new DurableTimer(_run.Now.AddHours(72)), new ExternalEvent("Approval")], _run.WaitsFor);
        Assert.Equal("waiting for approval", _run.CustomStatus);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_approval_cancels_the_timer_and_continues(bool asText)
    {
        _run.Complete();
        _run.RaiseEvent("Approval", Data(Approved, asText));

        Assert.Equal("approved", _run.CustomStatus);
        PayAndShip();
        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_rejection_ends_the_workflow(bool asText)
    {
        _run.Complete();
        _run.RaiseEvent("Approval", Data(Rejected, asText));

        CheckNotFulfilled("rejected by ann");
        Assert.Equal("rejected", _run.CustomStatus);
    }

    [Fact]
    public void No_response_in_time_ends_the_workflow()
    {
        DateTime start = _run.Now;
        _run.Complete();
        _run.FireTimer();

        CheckNotFulfilled("approval timed out");
        Assert.Equal("approval timed out", _run.CustomStatus);
        Assert.Equal(TimeSpan.FromHours(72), _run.Now - start);
        Assert.Empty(_run.WaitsFor);
    }

    [Fact]
    public void The_time_to_approve_starts_after_the_validation()
    {
        _run.Now = _run.Now.AddDays(1);
        _run.Complete();

        Assert.Contains(new DurableTimer(_run.Now.AddHours(72)), _run.WaitsFor);
    }

    [Fact]
    public void An_approval_may_come_before_the_workflow_waits()
    {
        _run.RaiseEvent("Approval", Approved);
        _run.Complete();

        Assert.Equal("approved", _run.CustomStatus);
        PayAndShip();
        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void The_first_of_two_approvals_counts()
    {
        _run.Complete();
        _run.RaiseEvent("Approval", Approved);
        _run.RaiseEvent("Approval", Rejected);

        PayAndShip();
        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void An_approval_after_the_timeout_changes_nothing()
    {
        _run.Complete();
        _run.FireTimer();
        _run.RaiseEvent("Approval", Approved);

        CheckNotFulfilled("approval timed out");
    }

    [Fact]
    public void An_event_that_is_not_an_approval_fails_the_orchestration()
    {
        _run.Complete();
        _run.RaiseEvent("Approval", new { approved = "yes" });

        Assert.Throws<InvalidRequestException>(() => _run.Output);
    }

    [Fact]
    public void An_order_that_is_not_valid_needs_no_approval()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items");
        Assert.Null(_run.CustomStatus);
    }

    [Theory]
    [InlineData(0, "payment failed")]
    [InlineData(1, "shipping failed")]
    public void A_step_that_fails_for_good_ends_the_workflow(int completed, string reason)
    {
        _run.RaiseEvent("Approval", Approved);
        _run.Complete();
        for (int step = 0; step < completed; step++)
        {
            _run.Complete();
        }

        _run.Fail();
        _run.Fail();
        _run.Fail();

        CheckNotFulfilled(reason);
    }

    private static Replay Start(Order order) =>
        Replay.Start<Order, OrderResult>(OrderOrchestrator.ProcessOrder, order);

    private static object Data(Approval approval, bool asText) => asText ? Json.Write(approval) : approval;

    private void PayAndShip()
    {
        Assert.Equal([Payment], _run.WaitsFor);
        _run.Complete();
        Assert.Equal([Shipping], _run.WaitsFor);
        _run.Complete();
    }

    private void CheckNotFulfilled(string reason) => Json.AssertEqual(
        $$"""{"success": false, "orderId": "order-1001", "reason": "{{reason}}"}""", _run.Output);
}
