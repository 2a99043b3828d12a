namespace Orders.Tests;

public sealed class InventoryActivitiesTests
{
    private readonly FakeLogger<InventoryActivities> _logger = new();

    [Fact]
    public void A_reservation_returns_the_units()
    {
        Assert.Equal(3, Reserve("A-1"));
        Assert.Equal(["Reserved 3 of A-1 for order order-1001"], _logger.Lines);
    }

    [Fact]
    public void A_sku_that_is_sold_out_is_refused()
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Reserve("SOLD-OUT-1"));

        Assert.Equal("SKU SOLD-OUT-1 is sold out", error.Message);
        Assert.Empty(_logger.Lines);
    }

    private int Reserve(string sku) => new InventoryActivities(_logger).ReserveItem(
        new Reservation("order-1001", new OrderItem(sku, Quantity: 3, UnitPrice: 10)));
}
