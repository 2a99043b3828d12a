namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly TrackedOrder Order = new("order-1001", Contract.GoodOrder.Items, 20);
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);

    private Replay _run = Start(Order);

    [Fact]
    public void The_delivery_is_checked_as_soon_as_the_order_is_shipped()
    {
        Complete(Validation, Payment, Shipping);
        Assert.Equal([CheckOf(poll: 1)], _run.WaitsFor);
        _run.Complete("delivered");

        Assert.Equal("delivered", _run.CustomStatus);
        CheckFulfilled();
    }

    [Fact]
    public void An_order_in_transit_is_checked_again_in_the_next_generation()
    {
        Complete(Validation, Payment);
        _run.Now = _run.Now.AddHours(1);
        Complete(Shipping);
        DateTime shipped = _run.Now;
        _run.Complete("in transit");
        Assert.Equal("in transit", _run.CustomStatus);
        Assert.Equal([new DurableTimer(shipped.AddMinutes(30))], _run.WaitsFor);
        _run.FireTimer();

        Json.AssertEqual(Json.Write(Order with { Tracking = new(shipped.AddDays(7), Polls: 1) }), _run.ContinuedAsNew!);
        _run.StartNextGeneration();
        Assert.Equal([CheckOf(poll: 2)], _run.WaitsFor);
    }

    [Fact]
    public void The_next_check_is_due_half_an_hour_after_the_last_one()
    {
        Complete(Validation, Payment, Shipping);
        _run.Fail();
        _run.Complete("in transit");

        Assert.Equal([new DurableTimer(_run.Now.AddMinutes(30))], _run.WaitsFor);
    }

    [Fact]
    public void Each_generation_sets_the_custom_status()
    {
        Complete(Validation, Payment, Shipping);
        foreach (int poll in new[] { 1, 2 })
        {
            Assert.Null(_run.CustomStatus);
            Assert.Equal([CheckOf(poll)], _run.WaitsFor);
            _run.Complete("in transit");
            Assert.Equal("in transit", _run.CustomStatus);
            _run.FireTimer();
            _run.StartNextGeneration();
        }

        _run.Complete("delivered");
        Assert.Equal("delivered", _run.CustomStatus);
        CheckFulfilled();
    }

    [Fact]
    public void All_generations_have_the_same_deadline()
    {
        DateTime start = _run.Now;
        Complete(Validation, Payment, Shipping);
        int polls = 0;
        while (_run.WaitsFor is not [])
        {
            Assert.Equal([CheckOf(++polls)], _run.WaitsFor);
            _run.Complete("in transit");
            if (_run.WaitsFor is [DurableTimer])
            {
                _run.FireTimer();
                _run.StartNextGeneration();
            }
        }

        CheckNotFulfilled("not delivered within 7 days");
        Assert.Equal(337, polls);
        Assert.Equal(start.AddDays(7), _run.Now);
    }

    [Fact]
    public void No_check_is_after_the_deadline()
    {
        Tracking tracking = new(_run.Now.AddMinutes(29.9), Polls: 335);
        _run = Start(Order with { Tracking = tracking });
        _run.Complete("in transit");

        Assert.Equal("in transit", _run.CustomStatus);
        CheckNotFulfilled("not delivered within 7 days");
    }

    [Fact]
    public void A_check_may_fail_twice()
    {
        Complete(Validation, Payment, Shipping);
        _run.Fail();
        _run.Fail();
        Assert.Equal([CheckOf(poll: 1)], _run.WaitsFor);
        _run.Complete("delivered");

        CheckFulfilled();
    }

    [Fact]
    public void An_order_that_is_not_valid_is_neither_paid_nor_shipped()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items");
    }

    [Fact]
    public void A_payment_that_fails_for_good_ends_the_workflow()
    {
        Complete(Validation);
        FailForGood();

        CheckNotFulfilled("payment failed");
    }

    [Fact]
    public void A_shipping_that_fails_for_good_ends_the_workflow()
    {
        Complete(Validation, Payment);
        FailForGood();

        CheckNotFulfilled("shipping failed");
    }

    private static Replay Start(TrackedOrder order) =>
        Replay.Start<TrackedOrder, OrderResult?>(OrderOrchestrator.ProcessOrder, order);

    private static ActivityCall CheckOf(int poll) =>
        new(nameof(DeliveryActivities.CheckDelivery), new { OrderId = "order-1001", poll }, Retry);

    private void Complete(params ReadOnlySpan<ActivityCall> activities)
    {
        foreach (ActivityCall activity in activities)
        {
            Assert.Equal([activity], _run.WaitsFor);
            _run.Complete();
        }
    }

    private void FailForGood()
    {
        _run.Fail();
        _run.Fail();
        _run.Fail();
    }

    private void CheckFulfilled() => Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);

    private void CheckNotFulfilled(string reason) => Json.AssertEqual(
        $$"""{"success": false, "orderId": "order-1001", "reason": "{{reason}}"}""", _run.Output);
}
