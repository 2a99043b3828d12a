using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders;

/// <summary>What one generation of the workflow hands to the next.</summary>
public sealed record Tracking(DateTime Deadline, int Polls);

/// <summary>The input of the workflow; the first generation has no <paramref name="Tracking"/>.</summary>
public sealed record TrackedOrder(string Id, IReadOnlyList<OrderItem> Items, double Total, Tracking? Tracking = null)
    : Order(Id, Items, Total);

/// <summary>The orchestrator: validate, pay, ship, then ask for the delivery until it has arrived.</summary>
/// <remarks>
/// It is replayed from its first line whenever a step completes, so it must be deterministic: no clock, no random
/// values, no environment, no I/O. All of that belongs into activities.
/// </remarks>
public static class OrderOrchestrator
{
    private static readonly TimeSpan PollingInterval = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromDays(7);

    private static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(5)));

    /// <summary>Ships an order in the first generation, and asks once for its delivery in each generation.</summary>
    /// <remarks>
    /// A generation starts with an empty history, so that days of polling do not add up to a long one. Nobody sees
    /// the output of a generation that continues as new: it is null.
    /// </remarks>
    [Function(nameof(ProcessOrder))]
    public static async Task<OrderResult?> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, TrackedOrder order)
    {
        // A new step is for new instances only: `if (context.Version != "1.0")` keeps the old path for those that run.
        // See "Change the workflow" in README.md.
        if (order.Tracking is null && await FulfillAsync(context, order) is { } failure)
        {
            return OrderResult.NotFulfilled(order, failure);
        }

        Tracking tracking = order.Tracking ?? new(context.CurrentUtcDateTime + DeliveryTimeout, Polls: 0);
        int poll = tracking.Polls + 1;
        string status = await context.CallActivityAsync<string>(
            nameof(DeliveryActivities.CheckDelivery), new DeliveryCheck(order.Id, poll), Retry);
        context.SetCustomStatus(status);
        if (status == DeliveryActivities.Delivered)
        {
            return OrderResult.Fulfilled(order);
        }

        DateTime nextPoll = context.CurrentUtcDateTime + PollingInterval;
        if (nextPoll > tracking.Deadline)
        {
            return OrderResult.NotFulfilled(order, "not delivered within 7 days");
        }

        await context.CreateTimer(nextPoll, CancellationToken.None);
        context.ContinueAsNew(order with { Tracking = tracking with { Polls = poll } });
        return null;
    }

    // Validates, pays and ships; returns why the order was not fulfilled, or null when it was.
    private static async Task<string?> FulfillAsync(TaskOrchestrationContext context, Order order)
    {
        string? reason = await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);
        if (reason is not null)
        {
            return reason;
        }

        try
        {
            await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment), order, Retry);
        }
        catch (TaskFailedException)
        {
            return "payment failed";
        }

        try
        {
            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder), order, Retry);
        }
        catch (TaskFailedException)
        {
            return "shipping failed";
        }

        return null;
    }
}
