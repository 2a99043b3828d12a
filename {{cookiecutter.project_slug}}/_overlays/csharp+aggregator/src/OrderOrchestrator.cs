using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders;

/// <summary>The orchestrator: validate, pay, ship, then count what was sold.</summary>
/// <remarks>
/// It is replayed from its first line whenever a step completes, so it must be deterministic: no clock, no random
/// values, no environment, no I/O. All of that belongs into activities.
/// </remarks>
public static class OrderOrchestrator
{
    private static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(5)));

    /// <summary>Takes one order through its steps, and adds its items to the sales.</summary>
    [Function(nameof(ProcessOrder))]
    public static async Task<OrderResult> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order order)
    {
        // A new step is for new instances only: `if (context.Version != "1.0")` keeps the old path for those that run.
        // See "Change the workflow" in README.md.
        string? reason = await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);
        if (reason is not null)
        {
            return OrderResult.NotFulfilled(order, reason);
        }

        try
        {
            await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment), order, Retry);
        }
        catch (TaskFailedException)
        {
            return OrderResult.NotFulfilled(order, "payment failed");
        }

        try
        {
            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder), order, Retry);
        }
        catch (TaskFailedException)
        {
            return OrderResult.NotFulfilled(order, "shipping failed");
        }

        foreach (OrderItem item in order.Items)
        {
            await context.Entities.SignalEntityAsync(Sales.Of(item.Sku), nameof(Sales.Add), item.Quantity);
        }

        return OrderResult.Fulfilled(order);
    }
}
