namespace Orders.Tests;

public sealed class DeliveryActivitiesTests
{
    [Theory]
    [InlineData(1, "in transit")]
    [InlineData(2, "in transit")]
    [InlineData(3, "delivered")]
    [InlineData(4, "delivered")]
    public void The_placeholder_delivers_at_the_third_poll(int poll, string status)
    {
        FakeLogger<DeliveryActivities> logger = new();

        Assert.Equal(status, new DeliveryActivities(logger).CheckDelivery(new DeliveryCheck("order-1001", poll)));
        Assert.Equal([$"Order order-1001 is {status}"], logger.Lines);
    }
}
