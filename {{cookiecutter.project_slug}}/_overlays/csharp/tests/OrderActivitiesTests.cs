using Microsoft.Extensions.Logging;

namespace Orders.Tests;

public sealed class OrderActivitiesTests : ILogger<OrderActivities>
{
    private static readonly Order Order = Contract.GoodOrder;

    private readonly OrderActivities _activities;
    private readonly List<string> _log = [];

    public OrderActivitiesTests() => _activities = new OrderActivities(this);

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
    public async Task Payment_charges_the_total()
    {
        await _activities.ProcessPayment(Order);

        Assert.Equal(["Charged 20.00 for order order-1001"], _log);
    }

    [Fact]
    public async Task Payment_refuses_totals_above_the_limit()
    {
        await _activities.ProcessPayment(Order with { Total = 10_000 });

        Exception error = await Assert.ThrowsAnyAsync<Exception>(
            () => _activities.ProcessPayment(Order with { Total = 10_000.01 }));
        Assert.Contains("refuses totals above 10000", error.Message);
    }

    [Fact]
    public async Task Shipping_hands_over_the_items()
    {
        await _activities.ShipOrder(Order);

        Assert.Equal(["Shipped order order-1001 with 1 item(s)"], _log);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => _log.Add(formatter(state, exception));
}
