using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Orders;

/// <summary>The activities: the only place for I/O. Replace the placeholders by calls to your own services.</summary>
/// <remarks>
/// Durable Functions runs an activity at least once, so a call that moves money or goods needs an idempotency key.
/// The id of the order is one. An activity that awaits something returns a <see cref="Task"/>.
/// </remarks>
public sealed class OrderActivities(ILogger<OrderActivities> logger)
{
    private const double PaymentLimit = 10_000;

    /// <summary>Returns the reason why the order cannot be processed, or null.</summary>
    [Function(nameof(ValidateOrder))]
    public string? ValidateOrder([ActivityTrigger] Order order) => order switch
    {
        { Items.Count: 0 } => "order has no items",
        { Total: <= 0 } => "total must be greater than 0",
        _ => null,
    };

    /// <summary>Charges the total. This placeholder refuses totals above a limit, to show a failure.</summary>
    [Function(nameof(ProcessPayment))]
    public void ProcessPayment([ActivityTrigger] Order order)
    {
        if (order.Total > PaymentLimit)
        {
            throw new InvalidOperationException($"The payment provider refuses totals above {PaymentLimit}.");
        }

        logger.LogInformation("Charged {Total:F2} for order {OrderId}", order.Total, order.Id);
    }

    /// <summary>Hands the order to the carrier. This placeholder only logs.</summary>
    [Function(nameof(ShipOrder))]
    public void ShipOrder([ActivityTrigger] Order order)
    {
        logger.LogInformation("Shipped order {OrderId} with {Count} item(s)", order.Id, order.Items.Count);
    }
}
