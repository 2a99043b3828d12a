using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>Something that happened to an orchestration: it was started, a call ended, an event came.</summary>
internal sealed record HistoryEvent(DateTime Time, Action<ReplayContext> Apply);

/// <summary>An orchestration in memory, whose clock and activities the test controls.</summary>
/// <remarks>
/// After everything that happens, the orchestrator runs again from its first line, twice. A run that does not repeat the
/// steps of the run before is an error: the Functions host would compare only kinds and names of calls.
/// </remarks>
internal sealed class Replay
{
    private const int StepLimit = 1_000;

    private readonly string _name;
    private readonly Func<TaskOrchestrationContext, string, Task<object?>> _orchestrator;
    private readonly string _version;
    private readonly List<HistoryEvent> _history = [];
    private string _input;
    private int _generation;
    private ReplayContext _run;

    private Replay(
        string name,
        Func<TaskOrchestrationContext, string, Task<object?>> orchestrator,
        string input,
        string? version)
    {
        (_name, _orchestrator, _input, _version) = (name, orchestrator, input, version ?? App.DefaultVersion);
        _run = NewRun();
        StartGeneration([]);
    }

    /// <summary>The time of the orchestration. It moves with timers, and as the test says.</summary>
    public DateTime Now { get; set; } = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>What the orchestrator waits for, in the order in which it asked for it.</summary>
    public IReadOnlyList<DurableCall> WaitsFor => [.. _run.OpenCalls.Select(call => call.Call)];

    /// <summary>The custom status: a text as it is, anything else as JSON.</summary>
    public string? CustomStatus =>
        _run.Steps.OfType<CustomStatus>().LastOrDefault() is { } status ? Json.Text(status.Value) : null;

    /// <summary>The signals to entities, in order.</summary>
    public IReadOnlyList<Signal> Signals => [.. _run.Steps.OfType<Signal>()];

    /// <summary>The input with which the orchestration continues as new, as JSON.</summary>
    public string? ContinuedAsNew => Next?.Input;

    /// <summary>The output of the orchestration, as JSON.</summary>
    /// <exception cref="InvalidOperationException">The orchestration has not ended, or has left calls open.</exception>
    public string Output
    {
        get
        {
            CheckEnd();
            return ContinuedAsNew is null
                ? _run.Steps.OfType<Completion>().Single().Output
                : throw new InvalidOperationException("The orchestration has continued as new: start the next generation.");
        }
    }

    private NextGeneration? Next => _run.HasEnded ? _run.Steps.OfType<NextGeneration>().LastOrDefault() : null;

    /// <summary>Starts an orchestrator. A new orchestration has the version of host.json, an older one another.</summary>
    public static Replay Start<TInput, TOutput>(
        Func<TaskOrchestrationContext, TInput, Task<TOutput>> orchestrator, TInput input, string? version = null) => new(
            orchestrator.Method.Name,
            async (context, json) => await orchestrator(context, Json.Read<TInput>(json)),
            Json.Write(input),
            version);

    /// <summary>Starts an orchestrator of the app by its name, as the Functions host does.</summary>
    public static Replay Start(string name, object input, string? version = null) => new(
        name, (context, json) => InvokeAsync(App.Functions[name], context, json), Json.Write(input), version);

    /// <summary>Calls an orchestrator of the app with its input, given as JSON.</summary>
    public static async Task<object?> InvokeAsync(MethodInfo orchestrator, TaskOrchestrationContext context, string input)
    {
        IEnumerable<Type> inputType = orchestrator.GetParameters().Skip(1).Select(parameter => parameter.ParameterType);
        return await App.InvokeAsync(orchestrator, [context, .. inputType.Select(type => Json.Read(input, type))]);
    }

    /// <summary>Completes an activity. Which one needs to be said when several are open.</summary>
    public void Complete(object? result = null, ActivityCall? of = null)
    {
        string json = Json.Write(result);
        int id = OpenActivity(of).Id;
        Happen(run => run.Complete(id, json));
    }

    /// <summary>Lets one attempt of an activity fail. The next attempt is open when this returns.</summary>
    public void Fail(string reason = "failed", ActivityCall? of = null)
    {
        PendingCall pending = OpenActivity(of);
        string activity = ((ActivityCall)pending.Call).Name;
        Happen(run => run.Fail(pending.Id, activity, reason));
        while (WaitsFor.OfType<Pause>().Any())
        {
            FireTimer();
        }
    }

    /// <summary>Lets the earliest timer fire. The clock moves to its time.</summary>
    public void FireTimer()
    {
        PendingCall timer = _run.OpenCalls.Where(call => call.Call is DurableTimer).MinBy(TimeOf)
            ?? throw new InvalidOperationException("No timer is open.");
        Now = TimeOf(timer) > Now ? TimeOf(timer) : Now;
        Happen(run => run.Complete(timer.Id, "null"));
    }

    /// <summary>Raises an event. It is kept until the orchestrator waits for it, and lost after the end.</summary>
    public void RaiseEvent(string name, object? data)
    {
        string json = Json.Write(data);
        if (!_run.HasEnded)
        {
            Happen(run => run.Raise(name, json));
        }
    }

    /// <summary>Runs the orchestrator again, with nothing new.</summary>
    public void Repeat() => Compare(_run, RunAgain(), isSame: true);

    /// <summary>Starts the generation that follows continue-as-new: the history is empty, the clock goes on.</summary>
    public void StartNextGeneration()
    {
        CheckEnd();
        NextGeneration next = Next ?? throw new InvalidOperationException("The orchestration has not continued as new.");
        IReadOnlyList<(string Name, string Data)> events = next.KeepsEvents ? _run.UnprocessedEvents : [];
        _input = next.Input;
        _generation++;
        StartGeneration(events);
    }

    /// <summary>Runs the activities of the app, timers and next generations to the end; returns the output.</summary>
    public async Task<string> RunAsync()
    {
        for (int step = 0; step < StepLimit; step++)
        {
            if (_run.OpenCalls.FirstOrDefault(call => call.Call is ActivityCall) is { } pending)
            {
                await AttemptAsync((ActivityCall)pending.Call);
            }
            else if (WaitsFor.OfType<DurableTimer>().Any())
            {
                FireTimer();
            }
            else if (ContinuedAsNew is not null)
            {
                StartNextGeneration();
            }
            else
            {
                return Output;
            }
        }

        throw new InvalidOperationException($"The orchestration has not ended after {StepLimit} steps.");
    }

    private static DateTime TimeOf(PendingCall timer) => ((DurableTimer)timer.Call).Due;

    private async Task AttemptAsync(ActivityCall call)
    {
        MethodInfo function = App.Functions.GetValueOrDefault(call.Name)
            ?? throw new InvalidOperationException($"The app has no activity {call.Name}.");
        object? input = Json.Read(call.Input, App.TriggerOf<ActivityTriggerAttribute>(function)!.ParameterType);
        object? result;
        try
        {
            result = await App.InvokeAsync(function, input);
        }
        catch (Exception e)
        {
            Fail(e.Message, call);
            return;
        }

        Complete(result, call);
    }

    private PendingCall OpenActivity(ActivityCall? wanted)
    {
        PendingCall[] activities = [.. _run.OpenCalls.Where(call => call.Call is ActivityCall)];
        return wanted is null && activities.Length > 1
            ? throw new InvalidOperationException($"{activities.Length} activities are open: name one with 'of'.")
            : activities.FirstOrDefault(activity => wanted is null || activity.Call == wanted)
                ?? throw new InvalidOperationException($"The activity is not open: the orchestrator waits for {Waits()}.");
    }

    private void StartGeneration(IReadOnlyList<(string Name, string Data)> events)
    {
        _history.Clear();
        _run = NewRun();
        Happen(run => run.Start(context => _orchestrator(context, _input)));
        foreach ((string name, string data) in events)
        {
            Happen(run => run.Raise(name, data));
        }
    }

    private void Happen(Action<ReplayContext> what)
    {
        if (_run.HasEnded)
        {
            CheckEnd(); // What ends now was still open.
        }

        _history.Add(new HistoryEvent(Now, what));
        ReplayContext run = RunAgain();
        Compare(_run, run, isSame: false);
        _run = run;
        Repeat();
    }

    private ReplayContext RunAgain()
    {
        ReplayContext run = NewRun();
        run.Run(_history);
        return run;
    }

    private ReplayContext NewRun() => new(_name, _version, _input, _generation);

    private static void Compare(ReplayContext before, ReplayContext after, bool isSame)
    {
        int count = isSame ? Math.Max(before.Steps.Count, after.Steps.Count) : before.Steps.Count;
        for (int i = 0; i < count; i++)
        {
            Step? was = before.Steps.ElementAtOrDefault(i);
            Step? now = after.Steps.ElementAtOrDefault(i);
            if (was != now)
            {
                throw new NonDeterministicOrchestratorException(
                    $"Step {i + 1} was {was?.ToString() ?? "missing"}, and is {now?.ToString() ?? "missing"} when replayed.");
            }
        }
    }

    private void CheckEnd()
    {
        if (!_run.HasEnded)
        {
            throw new InvalidOperationException($"The orchestration has not ended: it waits for {Waits()}.");
        }

        if (_run.Error is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        if (WaitsFor.FirstOrDefault(call => call is not ExternalEvent) is { } open)
        {
            throw new InvalidOperationException($"{open} is still open when the orchestrator ends: await or cancel it.");
        }
    }

    private string Waits() => WaitsFor is [] ? "nothing" : string.Join(" and ", WaitsFor);
}
