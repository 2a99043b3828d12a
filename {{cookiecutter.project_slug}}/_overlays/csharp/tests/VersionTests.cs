using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>How an orchestrator treats versions: new orchestrations take a new step, older ones do not.</summary>
/// <remarks>docs/change.md explains when to do so.</remarks>
public sealed class VersionTests
{
    [Theory]
    [InlineData("1.0", "Ship")]
    [InlineData("2.0", "Record", "Ship")]
    public void Each_version_has_its_path(string version, params string[] steps)
    {
        Replay run = Replay.Start<string, string>(ShipAsync, "order", version);
        foreach (string step in steps)
        {
            Assert.Equal([new ActivityCall(step, null)], run.WaitsFor);
            run.Complete();
        }

        Assert.Equal("\"shipped\"", run.Output);
    }

    [Fact]
    public void The_next_generation_keeps_the_version()
    {
        Replay run = Replay.Start<string, string?>(
            async (context, _) =>
            {
                await context.CallActivityAsync(context.Version);
                context.ContinueAsNew("again");
                return null;
            },
            "first",
            "1.5");
        run.Complete();
        run.StartNextGeneration();

        Assert.Equal([new ActivityCall("1.5", null)], run.WaitsFor);
    }

    [Fact]
    public void A_new_orchestration_has_the_version_in_host_json()
    {
        Replay run = Replay.Start<string, string?>(
            async (context, _) =>
            {
                await context.CallActivityAsync(context.Version);
                return null;
            },
            "order");

        Assert.Matches(@"^\d+\.\d+$", App.DefaultVersion);
        Assert.Equal([new ActivityCall(App.DefaultVersion, null)], run.WaitsFor);
    }

    // Records an order before it is shipped, which version 1.0 did not do.
    private static async Task<string> ShipAsync(TaskOrchestrationContext context, string order)
    {
        if (context.Version != "1.0")
        {
            await context.CallActivityAsync("Record");
        }

        await context.CallActivityAsync("Ship");
        return "shipped";
    }
}
