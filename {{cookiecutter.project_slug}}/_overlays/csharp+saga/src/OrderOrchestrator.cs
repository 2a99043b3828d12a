using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders;

/// <summary>The output of a workflow that ended early: what was undone, and what could not be undone.</summary>
public sealed record UnfulfilledOrderResult(
    string OrderId, string? Reason, IReadOnlyList<string> Compensated, IReadOnlyList<string> NotCompensated)
    : OrderResult(false, OrderId, Reason);

/// <summary>The orchestrator: reserve, pay, ship; when a step fails, undo the completed ones.</summary>
/// <remarks>
/// It is replayed from its first line whenever a step completes, so it must be deterministic: no clock, no random
/// values, no environment, no I/O. All of that belongs into activities.
/// </remarks>
public static class OrderOrchestrator
{
    private static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(5)));

    /// <summary>Takes one order through its steps; after a failure, undoes the completed steps in reverse.</summary>
    [Function(nameof(ProcessOrder))]
    public static async Task<OrderResult> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order order)
    {
        // A new step is for new instances only: `if (context.Version != "1.0")` keeps the old path for those that run.
        // See "Change the workflow" in README.md.
        Stack<Compensation> compensations = [];

        string? reason = await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);
        if (reason is not null)
        {
            return await CompensateAsync(context, order, reason, compensations);
        }

        try
        {
            await context.CallActivityAsync(nameof(InventoryActivities.ReserveInventory), order, Retry);
            compensations.Push(new("inventory", nameof(InventoryActivities.ReleaseInventory)));

            await context.CallActivityAsync(nameof(OrderActivities.ProcessPayment), order, Retry);
            compensations.Push(new("payment", nameof(RefundActivities.RefundPayment)));

            await context.CallActivityAsync(nameof(OrderActivities.ShipOrder), order, Retry);
        }
        catch (TaskFailedException failure)
        {
            return await CompensateAsync(context, order, ReasonOf(failure), compensations);
        }

        return OrderResult.Fulfilled(order);
    }

    private static string ReasonOf(TaskFailedException failure) => failure.TaskName switch
    {
        nameof(InventoryActivities.ReserveInventory) => "reservation failed",
        nameof(OrderActivities.ProcessPayment) => "payment failed",
        _ => "shipping failed",
    };

    // The last step is undone first. A compensation that fails does not keep the others from running.
    private static async Task<OrderResult> CompensateAsync(
        TaskOrchestrationContext context, Order order, string reason, Stack<Compensation> compensations)
    {
        List<string> compensated = [];
        List<string> notCompensated = [];
        foreach (Compensation compensation in compensations)
        {
            try
            {
                await context.CallActivityAsync(compensation.Activity, order, Retry);
                compensated.Add(compensation.Step);
            }
            catch (TaskFailedException)
            {
                notCompensated.Add(compensation.Step);
            }
        }

        return new UnfulfilledOrderResult(order.Id, reason, compensated, notCompensated);
    }

    /// <summary>The activity that undoes a step.</summary>
    private sealed record Compensation(string Step, string Activity);
}
