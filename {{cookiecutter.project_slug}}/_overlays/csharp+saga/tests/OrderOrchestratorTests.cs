using Microsoft.DurableTask;

namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly Order Order = Contract.GoodOrder;
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Reservation = new(nameof(InventoryActivities.ReserveInventory), Order, Retry);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);
    private static readonly ActivityCall Refund = new(nameof(RefundActivities.RefundPayment), Order, Retry);
    private static readonly ActivityCall Release = new(nameof(InventoryActivities.ReleaseInventory), Order, Retry);

    private readonly Replay _run = Start(Order);

    [Fact]
    public void A_good_order_is_reserved_paid_and_shipped()
    {
        Complete(Validation, Reservation, Payment, Shipping);

        Json.AssertEqual("""{"success": true, "orderId": "order-1001"}""", _run.Output);
    }

    [Fact]
    public void An_order_that_is_not_valid_has_nothing_to_undo()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items", compensated: [], notCompensated: []);
    }

    [Fact]
    public void A_reservation_that_fails_has_nothing_to_undo()
    {
        Complete(Validation);
        FailForGood(Reservation);

        CheckNotFulfilled("reservation failed", compensated: [], notCompensated: []);
    }

    [Fact]
    public void A_payment_that_fails_releases_the_inventory()
    {
        Complete(Validation, Reservation);
        FailForGood(Payment);
        Complete(Release);

        CheckNotFulfilled("payment failed", compensated: ["inventory"], notCompensated: []);
    }

    [Fact]
    public void A_shipping_that_fails_refunds_the_payment_then_releases_the_inventory()
    {
        Complete(Validation, Reservation, Payment);
        FailForGood(Shipping);
        Complete(Refund, Release);

        CheckNotFulfilled("shipping failed", compensated: ["payment", "inventory"], notCompensated: []);
    }

    [Fact]
    public void A_compensation_that_fails_does_not_stop_the_others()
    {
        Complete(Validation, Reservation, Payment);
        FailForGood(Shipping);
        FailForGood(Refund);
        Complete(Release);

        CheckNotFulfilled("shipping failed", compensated: ["inventory"], notCompensated: ["payment"]);
    }

    [Fact]
    public void All_compensations_may_fail()
    {
        Complete(Validation, Reservation, Payment);
        FailForGood(Shipping);
        FailForGood(Refund);
        FailForGood(Release);

        CheckNotFulfilled("shipping failed", compensated: [], notCompensated: ["payment", "inventory"]);
    }

    [Fact]
    public void Steps_and_compensations_may_fail_twice()
    {
        Complete(Validation);
        FailTwiceThenComplete(Reservation);
        FailTwiceThenComplete(Payment);
        FailForGood(Shipping);
        FailTwiceThenComplete(Refund);
        FailTwiceThenComplete(Release);

        CheckNotFulfilled("shipping failed", compensated: ["payment", "inventory"], notCompensated: []);
    }

    [Fact]
    public void A_validation_that_breaks_fails_the_orchestration()
    {
        _run.Fail();

        Assert.Throws<TaskFailedException>(() => _run.Output);
    }

    private static Replay Start(Order order) =>
        Replay.Start<Order, OrderResult>(OrderOrchestrator.ProcessOrder, order);

    private void Complete(params ReadOnlySpan<ActivityCall> activities)
    {
        foreach (ActivityCall activity in activities)
        {
            Assert.Equal([activity], _run.WaitsFor);
            _run.Complete();
        }
    }

    private void FailForGood(ActivityCall activity)
    {
        for (int attempt = 1; attempt <= Retry.Attempts; attempt++)
        {
            Assert.Equal([activity], _run.WaitsFor);
            _run.Fail();
        }
    }

    private void FailTwiceThenComplete(ActivityCall activity)
    {
        _run.Fail();
        _run.Fail();
        Complete(activity);
    }

    private void CheckNotFulfilled(string reason, string[] compensated, string[] notCompensated) => Json.AssertEqual(
        Json.Write(new { Success = false, OrderId = "order-1001", reason, compensated, notCompensated }), _run.Output);
}
