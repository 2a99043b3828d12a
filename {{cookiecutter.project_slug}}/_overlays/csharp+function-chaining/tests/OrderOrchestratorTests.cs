using Microsoft.DurableTask;

namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly Order Order = Contract.GoodOrder;
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);

    private readonly Replay _run = Start(Order);

    [Fact]
    public void A_good_order_is_validated_paid_and_shipped()
    {
        Assert.Equal([Validation], _run.WaitsFor);
        _run.Complete();
        Assert.Equal([Payment], _run.WaitsFor);
        _run.Complete();
        Assert.Equal([Shipping], _run.WaitsFor);
        _run.Complete();

        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void An_order_that_is_not_valid_is_neither_paid_nor_shipped()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items");
    }

    [Fact]
    public void A_validation_that_breaks_fails_the_orchestration()
    {
        _run.Fail();

        Assert.Throws<TaskFailedException>(() => _run.Output);
    }

    [Fact]
    public void Payment_and_shipping_may_fail_twice()
    {
        DateTime start = _run.Now;
        _run.Complete();
        _run.Fail();
        _run.Fail();
        Assert.Equal([Payment], _run.WaitsFor);
        _run.Complete();
        _run.Fail();
        _run.Fail();
        Assert.Equal([Shipping], _run.WaitsFor);
        _run.Complete();

        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
        Assert.Equal(TimeSpan.FromSeconds(20), _run.Now - start);
    }

    [Fact]
    public void A_payment_that_fails_for_good_ends_the_workflow()
    {
        _run.Complete();
        _run.Fail();
        _run.Fail();
        _run.Fail();

        CheckNotFulfilled("payment failed");
    }

    [Fact]
    public void A_shipping_that_fails_for_good_ends_the_workflow()
    {
        _run.Complete();
        _run.Complete();
        _run.Fail();
        _run.Fail();
        _run.Fail();

        CheckNotFulfilled("shipping failed");
    }

    private static Replay Start(Order order) =>
        Replay.Start<Order, OrderResult>(OrderOrchestrator.ProcessOrder, order);

    private void CheckNotFulfilled(string reason) => Json.AssertEqual(
        $$"""{"success": false, "orderId": "order-1001", "reason": "{{reason}}"}""", _run.Output);
}
