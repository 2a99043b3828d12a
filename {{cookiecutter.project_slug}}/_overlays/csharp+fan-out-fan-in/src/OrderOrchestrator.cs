using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders;

/// <summary>The output of a workflow that did all its work; <paramref name="Reserved"/> counts the units.</summary>
public sealed record ReservedOrderResult(string OrderId, long Reserved) : OrderResult(true, OrderId);

/// <summary>The orchestrator: validate, reserve all items at once, then pay, then ship.</summary>
/// <remarks>
/// It is replayed from its first line whenever a step completes, so it must be deterministic: no clock, no random
/// values, no environment, no I/O. All of that belongs into activities.
/// </remarks>
public static class OrderOrchestrator
{
    private static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(5)));

    /// <summary>Reserves every item before anything is paid; the workflow releases nothing after a failure.</summary>
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

        // ToArray starts them all. WhenAll waits for each one, also when another fails.
        Task<int>[] reservations = order.Items.Select(item => ReserveAsync(context, order, item)).ToArray();
        try
        {
            await Task.WhenAll(reservations);
        }
        catch (TaskFailedException)
        {
            IEnumerable<string> missing = order.Items
                .Where((_, index) => reservations[index].IsFaulted)
                .Select(item => item.Sku)
                .Distinct();
            return OrderResult.NotFulfilled(order, $"not reserved: {string.Join(", ", missing)}");
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

        return new ReservedOrderResult(order.Id, reservations.Sum(units => (long)units.Result));
    }

    private static Task<int> ReserveAsync(TaskOrchestrationContext context, Order order, OrderItem item) =>
        context.CallActivityAsync<int>(
            nameof(InventoryActivities.ReserveItem), new Reservation(order.Id, item), Retry);
}
