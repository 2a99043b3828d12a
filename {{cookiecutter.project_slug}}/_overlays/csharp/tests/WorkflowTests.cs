using System.Text;
using System.Text.Json;

namespace Orders.Tests;

/// <summary>The whole workflow, with the activities of the app.</summary>
public sealed class WorkflowTests
{
    [Theory]
    [MemberData(nameof(Contract.Completed), MemberType = typeof(Contract))]
    public async Task The_workflow_completes_with_its_output(string contractCase, string output)
    {
        JsonElement request = JsonElement.Parse(contractCase);
        Order order = OrderParser.Parse(Encoding.UTF8.GetBytes(Contract.BodyOf(request)));
        Replay run = Replay.Start(nameof(OrderOrchestrator.ProcessOrder), order);
        if (request.TryGetProperty("events", out JsonElement events))
        {
            RaiseAtOnce(run, events);
        }

        Json.AssertEqual(output, await run.RunAsync());
    }

    [Fact]
    public async Task The_workflow_repeats_itself_in_another_second()
    {
        Replay run = Replay.Start(nameof(OrderOrchestrator.ProcessOrder), Contract.GoodOrder);
        await run.RunAsync();

        // A clock that shows no fractions of a second can tell two runs apart only now.
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        run.Repeat();
    }

    private static void RaiseAtOnce(Replay run, JsonElement events)
    {
        foreach (JsonElement raised in events.EnumerateArray())
        {
            run.RaiseEvent(raised.GetProperty("name").GetString()!, raised.GetProperty("data"));
        }
    }
}
