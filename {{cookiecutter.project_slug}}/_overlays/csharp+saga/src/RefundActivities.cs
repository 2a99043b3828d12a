using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The activity that refunds a payment. Replace the placeholder by a call to your own provider.</summary>
/// <remarks>It may run more than once, so the id of the order is its idempotency key.</remarks>
public sealed class RefundActivities(ILogger<RefundActivities> logger)
{
    /// <summary>Undoes <see cref="OrderActivities.ProcessPayment"/>. This placeholder only logs.</summary>
    [Function(nameof(RefundPayment))]
    public void RefundPayment([ActivityTrigger] Order order) =>
        logger.LogInformation("Refunded {Total:F2} for order {OrderId}", order.Total, order.Id);
}
