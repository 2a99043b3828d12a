namespace Orders.Tests;

public sealed class OrderOrchestratorTests
{
    private static readonly Retry Retry = new(Attempts: 3, Interval: TimeSpan.FromSeconds(5));
    private static readonly OrderItem First = new("A-1", 2, 10);
    private static readonly OrderItem Second = new("B-2", 1, 5);
    private static readonly OrderItem Third = new("C-3", 4, 1);
    private static readonly Order Order = new("order-1001", [First, Second, Third], 29);

    private static readonly ActivityCall Validation = new(nameof(OrderActivities.ValidateOrder), Order);
    private static readonly ActivityCall Payment = new(nameof(OrderActivities.ProcessPayment), Order, Retry);
    private static readonly ActivityCall Shipping = new(nameof(OrderActivities.ShipOrder), Order, Retry);

    private Replay _run = Start(Order);

    [Fact]
    public void A_good_order_is_reserved_paid_and_shipped()
    {
        Assert.Equal([Validation], _run.WaitsFor);
        _run.Complete();
        Assert.Equal([Reservation(First), Reservation(Second), Reservation(Third)], _run.WaitsFor);
        _run.Complete(2, of: Reservation(First));
        _run.Complete(1, of: Reservation(Second));
        _run.Complete(4, of: Reservation(Third));
        Assert.Equal([Payment], _run.WaitsFor);
        _run.Complete();
        Assert.Equal([Shipping], _run.WaitsFor);
        _run.Complete();

        Json.AssertEqual("""{"success": true, "orderId": "order-1001", "reserved": 7}""", _run.Output);
    }

    [Fact]
    public void An_order_that_is_not_valid_is_not_reserved()
    {
        _run.Complete("order has no items");

        CheckNotFulfilled("order has no items");
    }

    [Fact]
    public void Nothing_is_paid_before_all_items_are_reserved()
    {
        _run.Complete();
        _run.Complete(4, of: Reservation(Third));
        _run.Complete(2, of: Reservation(First));

        Assert.Equal([Reservation(Second)], _run.WaitsFor);
    }

    [Fact]
    public void Each_reservation_may_fail_twice()
    {
        _run.Complete();
        foreach (ActivityCall reservation in new[] { Reservation(First), Reservation(Second), Reservation(Third) })
        {
            _run.Fail(of: reservation);
            _run.Fail(of: reservation);
            _run.Complete(1, of: reservation);
        }

        Assert.Equal([Payment], _run.WaitsFor);
    }

    [Fact]
    public void Other_reservations_end_before_one_that_failed_ends_the_workflow()
    {
        _run.Complete();
        FailForGood(Reservation(First));

        Assert.Equal([Reservation(Second), Reservation(Third)], _run.WaitsFor);
        _run.Complete(1, of: Reservation(Second));
        _run.Complete(4, of: Reservation(Third));
        CheckNotFulfilled("not reserved: A-1");
    }

    [Fact]
    public void The_reason_has_all_missing_skus_in_the_order_of_the_items()
    {
        _run.Complete();
        FailForGood(Reservation(Third));
        FailForGood(Reservation(First));
        _run.Complete(1, of: Reservation(Second));

        CheckNotFulfilled("not reserved: A-1, C-3");
    }

    [Fact]
    public void The_reason_has_each_missing_sku_once()
    {
        _run = Start(Order with { Items = [First, Second, First] });
        _run.Complete();
        FailForGood(Reservation(First));
        FailForGood(Reservation(Second));
        FailForGood(Reservation(First));

        CheckNotFulfilled("not reserved: A-1, B-2");
    }

    [Fact]
    public void More_units_are_counted_than_a_32_bit_number_holds()
    {
        OrderItem item = new("A-1", 1_000_000, 1);
        Order order = Order with { Items = [.. Enumerable.Repeat(item, 3)] };
        _run = Start(order);
        _run.Complete();
        _run.Complete(1_000_000_000, of: Reservation(item));
        _run.Complete(1_000_000_000, of: Reservation(item));
        _run.Complete(1_000_000_000, of: Reservation(item));
        _run.Complete();
        _run.Complete();

        Json.AssertEqual("""{"success": true, "orderId": "order-1001", "reserved": 3000000000}""", _run.Output);
    }

    [Fact]
    public void A_payment_that_fails_for_good_ends_the_workflow()
    {
        CompleteReservations();
        FailForGood(Payment);

        CheckNotFulfilled("payment failed");
    }

    [Fact]
    public void A_shipping_that_fails_for_good_ends_the_workflow()
    {
        CompleteReservations();
        _run.Complete(of: Payment);
        FailForGood(Shipping);

        CheckNotFulfilled("shipping failed");
    }

    private static Replay Start(Order order) =>
        Replay.Start<Order, OrderResult>(OrderOrchestrator.ProcessOrder, order);

    private static ActivityCall Reservation(OrderItem item) =>
        new(nameof(InventoryActivities.ReserveItem), new { OrderId = "order-1001", Item = item }, Retry);

    private void CompleteReservations()
    {
        _run.Complete();
        _run.Complete(2, of: Reservation(First));
        _run.Complete(1, of: Reservation(Second));
        _run.Complete(4, of: Reservation(Third));
    }

    private void FailForGood(ActivityCall activity)
    {
        for (int attempt = 1; attempt <= Retry.Attempts; attempt++)
        {
            _run.Fail(of: activity);
        }
    }

    private void CheckNotFulfilled(string reason) => Json.AssertEqual(
        $$"""{"success": false, "orderId": "order-1001", "reason": "{{reason}}"}""", _run.Output);
}
