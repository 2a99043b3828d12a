namespace Orders.Tests;

public sealed class InventoryActivitiesTests
{
    private static readonly Order Order = Contract.GoodOrder;

    private readonly FakeLogger<InventoryActivities> _logger = new();
    private readonly InventoryActivities _activities;

    public InventoryActivitiesTests() => _activities = new InventoryActivities(_logger);

    [Fact]
    public void All_items_are_reserved()
    {
        _activities.ReserveInventory(Order);

        Assert.Equal(["Reserved 1 item(s) for order order-1001"], _logger.Lines);
    }

    [Fact]
    public void A_sku_that_is_sold_out_is_refused()
    {
        Order order = Order with { Items = [.. Order.Items, new OrderItem("SOLD-OUT-1", 1, 10)] };

        Exception error = Assert.ThrowsAny<Exception>(() => _activities.ReserveInventory(order));

        Assert.Equal("SKU SOLD-OUT-1 is sold out", error.Message);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void All_items_are_released()
    {
        _activities.ReleaseInventory(Order);

        Assert.Equal(["Released 1 item(s) of order order-1001"], _logger.Lines);
    }
}
