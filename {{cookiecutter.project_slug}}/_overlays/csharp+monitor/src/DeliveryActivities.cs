using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The order that is under way, and which poll this is, from 1 on.</summary>
public sealed record DeliveryCheck(string OrderId, int Poll);

/// <summary>The activity that asks for a delivery. Replace the placeholder by a call to your own carrier.</summary>
public sealed class DeliveryActivities(ILogger<DeliveryActivities> logger)
{
    /// <summary>What <see cref="CheckDelivery"/> returns when an order has arrived.</summary>
    public const string Delivered = "delivered";

    /// <summary>What <see cref="CheckDelivery"/> returns until then.</summary>
    public const string InTransit = "in transit";

    /// <summary>Returns where an order is. This placeholder delivers it at the third poll.</summary>
    [Function(nameof(CheckDelivery))]
    public string CheckDelivery([ActivityTrigger] DeliveryCheck check)
    {
        string status = check.Poll >= 3 ? Delivered : InTransit;
        logger.LogInformation("Order {OrderId} is {Status}", check.OrderId, status);
        return status;
    }
}
