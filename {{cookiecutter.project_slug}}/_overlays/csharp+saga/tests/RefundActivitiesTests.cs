namespace Orders.Tests;

public sealed class RefundActivitiesTests
{
    [Fact]
    public void The_total_is_refunded()
    {
        FakeLogger<RefundActivities> logger = new();

        new RefundActivities(logger).RefundPayment(Contract.GoodOrder);

        Assert.Equal(["Refunded 20.00 for order order-1001"], logger.Lines);
    }
}
