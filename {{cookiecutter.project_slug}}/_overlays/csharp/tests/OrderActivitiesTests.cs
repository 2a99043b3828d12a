namespace Orders.Tests;

public sealed class OrderActivitiesTests
{
    private static readonly Order Order = Contract.GoodOrder;

    private readonly FakeLogger<OrderActivities> _logger = new();
    private readonly OrderActivities _activities;

    public OrderActivitiesTests() => _activities = new OrderActivities(_logger);

    [Fact]
    public void A_good_order_is_valid() => Assert.Null(_activities.ValidateOrder(Order));

    [Theory]
    [InlineData(20)]
    [InlineData(0)]
    public void An_order_without_items_is_not_valid(double total) =>
        Assert.Equal("order has no items", _activities.ValidateOrder(Order with { Items = [], Total = total }));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_order_without_a_total_is_not_valid(double total) =>
        Assert.Equal("total must be greater than 0", _activities.ValidateOrder(Order with { Total = total }));

    [Fact]
    public void Payment_charges_the_total()
    {
        _activities.ProcessPayment(Order);

        Assert.Equal(["Charged 20.00 for order order-1001"], _logger.Lines);
    }

    [Fact]
    public void Payment_refuses_totals_above_the_limit()
    {
        _activities.ProcessPayment(Order with { Total = 10_000 });

        Exception error = Assert.ThrowsAny<Exception>(
            () => _activities.ProcessPayment(Order with { Total = 10_000.01 }));
        Assert.Contains("refuses totals above 10000", error.Message);
    }

    [Fact]
    public void Shipping_hands_over_the_items()
    {
        _activities.ShipOrder(Order);

        Assert.Equal(["Shipped order order-1001 with 1 item(s)"], _logger.Lines);
    }
}
