using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>What the replay finds. It cannot find a value that is constant while the tests run.</summary>
public sealed class ReplayTests
{
    [Theory]
    [InlineData("clock")]
    [InlineData("guid")]
    [InlineData("random")]
    public void An_input_that_differs_in_each_run_is_found(string source)
    {
        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(
            () => Start(context => context.CallActivityAsync("Pay", ValueOf(source))));

        Assert.StartsWith("Step 1 was ActivityCall { Name = Pay", error.Message);
    }

    [Fact]
    public void An_order_of_parallel_calls_that_differs_in_each_run_is_found() =>
        Assert.Throws<NonDeterministicOrchestratorException>(() => Start(context => Task.WhenAll(
            Enumerable.Range(1, 9).OrderBy(_ => Guid.NewGuid()).Select(item => context.CallActivityAsync("Reserve", item)))));

    [Fact]
    public void An_await_that_is_not_durable_is_found()
    {
        Replay run = Start(async context =>
        {
            await context.CallActivityAsync("Pay");
            await Task.Delay(1);
        });

        Exception error = Assert.Throws<NonDeterministicOrchestratorException>(() => run.Complete());
        Assert.StartsWith("The orchestrator awaits something that is not durable.", error.Message);
    }

    [Fact]
    public void A_forgotten_await_is_found()
    {
        Replay run = Start(context =>
        {
            _ = context.CallActivityAsync("Pay");
            return Task.CompletedTask;
        });

        Exception error = Assert.Throws<InvalidOperationException>(() => run.Complete());
        Assert.EndsWith("is still open when the orchestrator ends: await or cancel it.", error.Message);
    }

    [Fact]
    public void A_timer_that_nobody_cancels_is_found()
    {
        Replay run = Start(context => Task.WhenAny(
            context.WaitForExternalEvent<string>("Approval"),
            context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None)));
        run.RaiseEvent("Approval", "yes");

        Exception error = Assert.Throws<InvalidOperationException>(() => run.Output);
        Assert.StartsWith("DurableTimer", error.Message);
    }

    [Fact]
    public void The_clock_and_the_ids_of_the_context_do_not_change()
    {
        Replay run = Start(async context =>
        {
            await context.CallActivityAsync("Pay", (context.CurrentUtcDateTime, context.NewGuid()));
            await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            await context.CallActivityAsync("Ship", (context.CurrentUtcDateTime, context.NewGuid()));
        });
        run.Complete();
        run.FireTimer();
        run.Complete();

        Assert.Equal("null", run.Output);
    }

    private static Replay Start(Func<TaskOrchestrationContext, Task> orchestrator) => Replay.Start<string, string?>(
        async (context, _) =>
        {
            await orchestrator(context);
            return null;
        },
        "input");

    private static string ValueOf(string source) => source switch
    {
        "clock" => $"{DateTime.UtcNow:O}",
        "guid" => $"{Guid.NewGuid()}",
        _ => $"{Random.Shared.NextInt64()}",
    };
}
