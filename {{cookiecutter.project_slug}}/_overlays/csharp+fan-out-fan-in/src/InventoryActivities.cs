using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>An item that is to be reserved for an order.</summary>
public sealed record Reservation(string OrderId, OrderItem Item);

/// <summary>The activity of the inventory. Replace the placeholder by a call to your own service.</summary>
/// <remarks>It may run more than once: the id of the order and the SKU make an idempotency key.</remarks>
public sealed class InventoryActivities(ILogger<InventoryActivities> logger)
{
    /// <summary>Reserves an item and returns its units. This placeholder refuses SKUs that are sold out.</summary>
    [Function(nameof(ReserveItem))]
    public int ReserveItem([ActivityTrigger] Reservation reservation)
    {
        (string orderId, OrderItem item) = reservation;
        if (item.Sku.StartsWith("SOLD-OUT", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"SKU {item.Sku} is sold out");
        }

        logger.LogInformation("Reserved {Quantity} of {Sku} for order {OrderId}", item.Quantity, item.Sku, orderId);
        return item.Quantity;
    }
}
