using System.Globalization;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Orders.Tests;

/// <summary>The recording finds orchestrators that are not deterministic.</summary>
public sealed class RecordingTests
{
    [Theory]
    [InlineData("clock")]
    [InlineData("guid")]
    [InlineData("random")]
    public async Task An_input_that_changes_is_found(string source)
    {
        string error = await DifferenceAsync(context => ShipAsync(context, Order(NewValue(source))));

        Assert.StartsWith("call 1 was DurableCall { Kind = activity, Name = ShipOrder", error);
    }

    [Fact]
    public async Task A_clock_that_shows_no_more_than_seconds_is_found()
    {
        string error = await DifferenceAsync(
            new Orchestration().Slowly(),
            context => ShipAsync(context, Order(DateTime.UtcNow.ToString("s", CultureInfo.InvariantCulture))));

        Assert.StartsWith("call 1 was DurableCall { Kind = activity, Name = ShipOrder", error);
    }

    [Fact]
    public async Task A_timer_that_changes_is_found()
    {
        string error = await DifferenceAsync(
            context => context.CreateTimer(DateTime.UtcNow, CancellationToken.None));

        Assert.StartsWith("call 1 was DurableCall { Kind = timer", error);
    }

    [Fact]
    public async Task A_custom_status_that_changes_is_found()
    {
        string error = await DifferenceAsync(context =>
        {
            context.SetCustomStatus(DateTime.UtcNow);
            return ShipAsync(context, Order("order-1001"));
        });

        Assert.StartsWith("call 1 was DurableCall { Kind = custom status", error);
    }

    [Fact]
    public async Task A_call_that_is_missing_in_a_replay_is_found()
    {
        bool first = true;

        string error = await DifferenceAsync(async context =>
        {
            await ShipAsync(context, Order("order-1001"));
            if (first)
            {
                first = false;
                context.SetCustomStatus("shipped");
                await ShipAsync(context, Order("order-1002"));
            }
        });

        Assert.Contains("call 2 was DurableCall { Kind = custom status", error);
        Assert.Contains("and is missing when replayed", error);
    }

    [Fact]
    public async Task A_difference_is_found_even_when_the_orchestrator_catches_it()
    {
        string error = await DifferenceAsync(async context =>
        {
            try
            {
                await ShipAsync(context, Order(Guid.NewGuid().ToString()));
            }
            catch (NonDeterministicOrchestratorException)
            {
            }
        });

        Assert.StartsWith("call 1 was", error);
    }

    [Fact]
    public async Task What_the_context_offers_does_not_change()
    {
        EndedOrchestration run = await new Orchestration().RunAsync(async context =>
        {
            await ShipAsync(context, Order(context.NewGuid().ToString()));
            await context.CreateTimer(context.CurrentUtcDateTime, CancellationToken.None);
            context.SetCustomStatus(context.CurrentUtcDateTime);
            await ShipAsync(context, Order(context.NewGuid().ToString()));
            return null;
        });

        Assert.Equal(OrchestrationRuntimeStatus.Completed, run.State.RuntimeStatus);
        Assert.Equal(["activity", "timer", "custom status", "activity"], run.Calls.Select(call => call.Kind));
    }

    [Fact]
    public async Task An_orchestrator_that_continues_as_new_has_no_past()
    {
        EndedOrchestration run = await new Orchestration().RunAsync(async context =>
        {
            string id = context.GetInput<string>() + "x";
            await ShipAsync(context, Order(id));
            if (id.Length < 3)
            {
                context.ContinueAsNew(id);
            }

            return null;
        });

        Assert.Equal(OrchestrationRuntimeStatus.Completed, run.State.RuntimeStatus);
        Assert.Equal(
            ["activity", "continue as new", "activity", "continue as new", "activity"],
            run.Calls.Select(call => call.Kind));
    }

    private static Order Order(string id) => new(id, [], 1);

    private static Task ShipAsync(TaskOrchestrationContext context, Order order) =>
        context.CallActivityAsync("ShipOrder", order);

    private static string NewValue(string source) => source switch
    {
        "clock" => DateTime.UtcNow.ToString("O", CultureInfo.InvariantCulture),
        "guid" => Guid.NewGuid().ToString(),
        _ => Random.Shared.NextInt64().ToString(CultureInfo.InvariantCulture),
    };

    private static Task<string> DifferenceAsync(Func<TaskOrchestrationContext, Task> orchestrator) =>
        DifferenceAsync(new Orchestration(), orchestrator);

    private static async Task<string> DifferenceAsync(
        Orchestration orchestration, Func<TaskOrchestrationContext, Task> orchestrator)
    {
        Exception error = await Assert.ThrowsAsync<NonDeterministicOrchestratorException>(() =>
            orchestration.RunAsync(async context =>
            {
                await orchestrator(context);
                return null;
            }));
        return error.Message;
    }
}
