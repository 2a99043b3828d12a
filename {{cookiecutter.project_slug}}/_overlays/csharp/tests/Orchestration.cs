using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Testing;
using Microsoft.DurableTask.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Orders.Tests;

/// <summary>An orchestration that has ended.</summary>
/// <param name="Calls">The durable calls of the orchestrator, in order.</param>
/// <param name="Attempts">The activities that ran, in order, failed attempts included.</param>
/// <param name="State">The state that the host holds: status, output, failure.</param>
internal sealed record EndedOrchestration(
    IReadOnlyList<DurableCall> Calls, IReadOnlyList<string> Attempts, OrchestrationMetadata State);

/// <summary>Runs orchestrators in memory. The host replays them from their first line after every step.</summary>
internal sealed class Orchestration
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly Recording _recording = new();
    private readonly List<string> _attempts = [];
    private readonly Dictionary<string, int> _failures = [];
    private bool _slowly;

    /// <summary>Lets the first attempts of an activity fail.</summary>
    public Orchestration Fail(string activity, int attempts)
    {
        _failures[activity] = attempts;
        return this;
    }

    /// <summary>Starts each replay in another second: a clock that shows no fractions is found, too.</summary>
    public Orchestration Slowly()
    {
        _slowly = true;
        return this;
    }

    /// <summary>Runs an orchestrator of the app with the activities of the app.</summary>
    public Task<EndedOrchestration> RunAsync(string orchestrator, object input)
    {
        MethodInfo function = App.Functions[orchestrator];
        return RunAsync(
            function.GetParameters()[1].ParameterType,
            input,
            (context, order) => App.InvokeAsync(function, context, order));
    }

    /// <summary>Runs any orchestrator with the activities of the app.</summary>
    public Task<EndedOrchestration> RunAsync(Func<TaskOrchestrationContext, Task<object?>> orchestrator) =>
        RunAsync(typeof(string), null, (context, _) => orchestrator(context));

    private async Task<EndedOrchestration> RunAsync(
        Type inputType, object? input, Func<TaskOrchestrationContext, object?, Task<object?>> orchestrator)
    {
        const string Name = "orchestrator under test";
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(
            registry =>
            {
                registry.AddOrchestrator(Name, () => new Orchestrator(this, inputType, orchestrator));
                AddActivities(registry);
            },
            Options(),
            cancellationToken);

        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(Name, input, cancellationToken);
        // An orchestrator that awaits something that is not durable never ends.
        OrchestrationMetadata state = await host.Client
            .WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken)
            .WaitAsync(Timeout, cancellationToken);
        return _recording.Difference is { } difference
            ? throw difference
            : new EndedOrchestration(_recording.Calls, [.. _attempts], state);
    }

    private void AddActivities(DurableTaskRegistry registry)
    {
        foreach ((string name, MethodInfo function) in App.FunctionsWith<ActivityTriggerAttribute>())
        {
            registry.AddActivity(name, new Activity(this, name, function));
        }
    }

    // Inputs and outputs take the JSON of the app.
    private static DurableTaskTestHostOptions Options()
    {
        JsonDataConverter json = new(App.Json);
        return new DurableTaskTestHostOptions
        {
            Port = FreePort(),
            ConfigureServices = services => services
                .Configure<DurableTaskWorkerOptions>(options => options.DataConverter = json)
                .Configure<DurableTaskClientOptions>(options => options.DataConverter = json),
        };
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WaitForNextSecond()
    {
        if (_slowly)
        {
            Thread.Sleep(1000 - DateTime.UtcNow.Millisecond);
        }
    }

    private bool NextAttemptFails(string activity)
    {
        lock (_attempts) // Activities may run side by side.
        {
            _attempts.Add(activity);
            return _attempts.Count(name => name == activity) <= _failures.GetValueOrDefault(activity);
        }
    }

    private sealed class Orchestrator(
        Orchestration orchestration, Type inputType, Func<TaskOrchestrationContext, object?, Task<object?>> function)
        : ITaskOrchestrator
    {
        public Type InputType => inputType;

        public Type OutputType => typeof(object);

        public async Task<object?> RunAsync(TaskOrchestrationContext context, object? input)
        {
            orchestration.WaitForNextSecond();
            RecordingContext recorded = new(context, orchestration._recording);
            object? output = await function(recorded, input);
            recorded.End();
            return output;
        }
    }

    private sealed class Activity(Orchestration orchestration, string name, MethodInfo function) : ITaskActivity
    {
        public Type InputType => App.TriggerOf<ActivityTriggerAttribute>(function)!.ParameterType;

        public Type OutputType => typeof(object);

        public Task<object?> RunAsync(TaskActivityContext context, object? input) =>
            orchestration.NextAttemptFails(name)
                ? throw new IOException($"{name} fails in this test")
                : App.InvokeAsync(function, input);
    }
}
