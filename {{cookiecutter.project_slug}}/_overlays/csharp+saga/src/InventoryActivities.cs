using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The activities of the inventory. Replace the placeholders by calls to your own service.</summary>
/// <remarks>
/// Both may run more than once, so the id of the order is their idempotency key. A release also succeeds when nothing
/// is reserved any more.
/// </remarks>
public sealed class InventoryActivities(ILogger<InventoryActivities> logger)
{
    /// <summary>Reserves all items of an order. This placeholder refuses SKUs that are sold out.</summary>
    [Function(nameof(ReserveInventory))]
    public void ReserveInventory([ActivityTrigger] Order order)
    {
        if (order.Items.FirstOrDefault(IsSoldOut) is { } item)
        {
            throw new InvalidOperationException($"SKU {item.Sku} is sold out");
        }

        logger.LogInformation("Reserved {Count} item(s) for order {OrderId}", order.Items.Count, order.Id);
    }

    /// <summary>Undoes <see cref="ReserveInventory"/>. This placeholder only logs.</summary>
    [Function(nameof(ReleaseInventory))]
    public void ReleaseInventory([ActivityTrigger] Order order) =>
        logger.LogInformation("Released {Count} item(s) of order {OrderId}", order.Items.Count, order.Id);

    private static bool IsSoldOut(OrderItem item) => item.Sku.StartsWith("SOLD-OUT", StringComparison.Ordinal);
}
