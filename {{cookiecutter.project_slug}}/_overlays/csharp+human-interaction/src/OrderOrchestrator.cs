using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders;

/// <summary>The orchestrator: validate, wait for an approval of large orders, pay, ship.</summary>
/// <remarks>
/// It is replayed from its first line whenever a step completes, so it must be deterministic: no clock, no random
/// values, no environment, no I/O. All of that belongs into activities.
/// </remarks>
public static class OrderOrchestrator
{
    private const double ApprovalLimit = 1_000;

    private static readonly TimeSpan ApprovalTimeout = TimeSpan.FromHours(72);

    private static readonly TaskOptions Retry = TaskOptions.FromRetryPolicy(
        new RetryPolicy(maxNumberOfAttempts: 3, firstRetryInterval: TimeSpan.FromSeconds(5)));

    /// <summary>Takes one order through its steps; from a total on, somebody has to approve it.</summary>
    [Function(nameof(ProcessOrder))]
    public static async Task<OrderResult> ProcessOrder(
        [OrchestrationTrigger] TaskOrchestrationContext context, Order order)
    {
        // A new step is for new instances only: `if (context.Version != "1.0")` keeps the old path for those that run.
        // See "Change the workflow" in README.md.
        string? reason = await context.CallActivityAsync<string?>(nameof(OrderActivities.ValidateOrder), order);
        reason ??= order.Total >= ApprovalLimit ? await WaitForApprovalAsync(context) : null;
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

        return OrderResult.Fulfilled(order);
    }

    // Returns why the order must not be processed, or null once it is approved.
    private static async Task<string?> WaitForApprovalAsync(TaskOrchestrationContext context)
    {
        context.SetCustomStatus("waiting for approval");
        Approval approval;
        try
        {
            // The context races the event with a durable timer, and cancels the loser.
            approval = Approval.FromEvent(
                await context.WaitForExternalEvent<JsonElement>(Approval.EventName, ApprovalTimeout));
        }
        catch (OperationCanceledException)
        {
            context.SetCustomStatus("approval timed out");
            return "approval timed out";
        }

        context.SetCustomStatus(approval.Approved ? "approved" : "rejected");
        return approval.Approved ? null : $"rejected by {approval.Approver}";
    }
}
