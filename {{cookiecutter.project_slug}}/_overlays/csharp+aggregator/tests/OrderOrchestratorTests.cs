namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly OrderItem[] Items = [new("A-1", 2, 10), new("B-2", 3, 10), new("A-1", 1, 10)];
    private static readonly Order Order = new("order-1001", Items, 60);
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);

    private readonly Replay _run = Start(Order);

    [Fact]
    public void A_good_order_is_paid_shipped_and_counted()
    {
        foreach (ActivityCall step in new[] { Validation, Payment, Shipping })
        {
            Assert.Equal([step], _run.WaitsFor);
            Assert.Empty(_run.Signals);
            _run.Complete();
        }

        Assert.Equal([Addition("A-1", 2), Addition("B-2", 3), Addition("A-1", 1)], _run.Signals);
        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void An_order_that_is_not_valid_does_not_count()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items");
    }

    [Fact]
    public void Payment_and_shipping_may_fail_twice()
    {
        _run.Complete();
        foreach (ActivityCall step in new[] { Payment, Shipping })
        {
            _run.Fail();
            _run.Fail();
            Assert.Equal([step], _run.WaitsFor);
            _run.Complete();
        }

        Assert.Equal(3, _run.Signals.Count);
        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void A_payment_that_fails_for_good_does_not_count()
    {
        _run.Complete();
        FailForGood();

        CheckNotFulfilled("payment failed");
    }

    [Fact]
    public void A_shipping_that_fails_for_good_does_not_count()
    {
        _run.Complete();
        _run.Complete();
        FailForGood();

        CheckNotFulfilled("shipping failed");
    }

    private static Signal Addition(string sku, int quantity) => new(nameof(Sales), sku, nameof(Sales.Add), quantity);

    private static Replay Start(Order order) =>
        Replay.Start<Order, OrderResult>(OrderOrchestrator.ProcessOrder, order);

    private void FailForGood()
    {
        _run.Fail();
        _run.Fail();
        _run.Fail();
    }

    private void CheckNotFulfilled(string reason)
    {
        Json.AssertEqual(
            $$"""{"success": false, "orderId": "order-1001", "reason": "{{reason}}"}""", _run.Output);
        Assert.Empty(_run.Signals);
    }
}
