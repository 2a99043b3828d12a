using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace Orders.Tests;

/// <summary>Replays a recorded history against today's orchestrator, which must do again what was recorded.</summary>
internal sealed class HistoryReplay
{
    private const string Advice =
        "Running instances like this one would break. Keep the old path for their version and raise \"defaultVersion\" "
        + "in src/host.json: see \"Change the workflow\" in README.md. If no instance runs the old code, "
        + "record the history again.";

    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(3);

    // How far the clocks of two machines are apart, at most.
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(500);

    private static readonly string[] KnownTypes =
    [
        "TaskScheduled", "TaskCompleted", "TaskFailed", "TimerCreated", "TimerFired", "EventRaised", "EventSent",
        "ExecutionStarted", "ExecutionCompleted", "ExecutionTerminated", "ExecutionSuspended", "ExecutionResumed",
        "ExecutionRewound", "GenericEvent", "HistoryState",
    ];

    private readonly RecordedHistory _history;
    private readonly ReplayContext _run;

    // What the recorded orchestrator did and today's has not done yet, in order.
    private readonly List<RecordedEvent> _expected;
    private readonly Dictionary<RecordedEvent, PendingCall> _calls = [];
    // From here on, the host holds events back from an orchestrator that is suspended.
    private readonly int _heldFrom;
    private RecordedEvent _current;
    private int _checkedSteps;
    private int _checkedCalls;

    private HistoryReplay(RecordedHistory history)
    {
        _history = history;
        _current = history.Events[0];
        _run = new ReplayContext(_current.Name, history.Version, _current.Input, generation: 0, history.InstanceId);
        RecordedEvent? suspended = history.Events.LastOrDefault(recorded => recorded.Type == "ExecutionSuspended");
        RecordedEvent? resumed = history.Events.LastOrDefault(recorded => recorded.Type == "ExecutionResumed");
        _heldFrom = suspended?.Index > (resumed?.Index ?? -1) ? suspended.Index : history.Events.Count;
        _expected = [.. history.Events.Where(recorded => recorded.Step is not null).OrderBy(recorded => recorded.StepTime)];
    }

    /// <summary>Replays a history to its end.</summary>
    /// <exception cref="RecordedHistoryException">Today's orchestrator does something else.</exception>
    public static void Run(RecordedHistory history)
    {
        HistoryReplay replay = new(history);
        replay.CheckTypes();
        foreach (RecordedEvent recorded in history.Events)
        {
            replay.Apply(recorded);
        }

        replay.CheckEnd();
    }

    private void CheckTypes()
    {
        if (_history.Events.FirstOrDefault(recorded => !KnownTypes.Contains(recorded.Type)) is { } unknown)
        {
            throw new RecordedHistoryException(
                $"{Place(unknown)}: the replay helper has no {unknown.Type} events: add them to tests/Replay/.");
        }
    }

    private void Apply(RecordedEvent recorded)
    {
        _current = recorded;
        if (_expected.Contains(recorded))
        {
            bool withInput = _run.Awaited.Any(call => HistoryText.HaveSameName(recorded.Step!, call.Call));
            throw Difference(recorded, HistoryText.Did(recorded, withInput), HistoryText.WaitsOrEnds(_run, withInput));
        }

        if (recorded.Index >= _heldFrom)
        {
            return;
        }

        switch (recorded.Type)
        {
            case "ExecutionStarted":
                Start();
                break;
            case "TaskCompleted":
                Happen(run => run.Complete(_calls[recorded].Id, recorded.Returned));
                break;
            case "TaskFailed":
                Happen(run => run.Fail(_calls[recorded].Id, recorded.Name, recorded.Error));
                break;
            case "TimerFired":
                FireTimer();
                break;
            case "EventRaised":
                Happen(run => run.Raise(recorded.Name, recorded.Input));
                break;
        }
    }

    private void Start()
    {
        MethodInfo? function = App.Functions.GetValueOrDefault(_current.Name);
        if (function is null || App.TriggerOf<OrchestrationTriggerAttribute>(function) is null)
        {
            throw new RecordedHistoryException(
                $"{Place(_current)}: the app has no orchestrator \"{_current.Name}\". {Advice}");
        }

        string input = _current.Input;
        Happen(run => run.Start(context => Replay.InvokeAsync(function, context, input)));
    }

    private void FireTimer()
    {
        RecordedEvent? timer = _calls.Keys.FirstOrDefault(
            call => call.Type == "TimerCreated" && call.Due == _current.Due && _calls[call].IsOpen);
        if (timer is null)
        {
            return; // Today's orchestrator has cancelled it.
        }

        PendingCall call = _calls[timer];
        if (((DurableTimer)call.Call).Due > timer.Due + Tolerance)
        {
            CheckNext(call.Call, call);
        }
        else
        {
            Happen(run => run.Complete(call.Id, "null"));
        }
    }

    private void Happen(Action<ReplayContext> what)
    {
        _run.Apply(new HistoryEvent(_current.Time, what));
        while (_run.Steps.Count > _checkedSteps)
        {
            Check(_run.Steps[_checkedSteps++]);
        }

        _run.CheckAwaits();
    }

    private void Check(Step step)
    {
        PendingCall? call = step is DurableCall ? _run.Calls[_checkedCalls++] : null;
        switch (step)
        {
            case Pause pause:
                CheckPause(pause, call!);
                break;
            case ActivityCall or DurableTimer or Signal:
                CheckNext(step, call);
                break;
        }
    }

    private void CheckNext(Step step, PendingCall? call)
    {
        RecordedEvent? next = _expected.FirstOrDefault();
        if (next is null)
        {
            throw Difference(_history.Events[^1], "asked for nothing more", HistoryText.Does(step, _current.Time));
        }

        if (!IsSame(next, step))
        {
            (string did, string does) = HistoryText.Contrast(next, step, _current.Time);
            throw Difference(next, did, does);
        }

        Expected(next, call);
    }

    private void Expected(RecordedEvent recorded, PendingCall? call)
    {
        _expected.Remove(recorded);
        if (call is not null)
        {
            _calls.Add(recorded, call);
        }
    }

    // The pause after the last attempt is a timer that fires at once; old hosts do not record it.
    private void CheckPause(Pause pause, PendingCall call)
    {
        RecordedEvent? timer = _expected.FirstOrDefault(
            recorded => recorded.Type == "TimerCreated" && recorded.Index > _current.Index);
        if (timer is not null && IsBetween(pause.Due - _current.Time, timer.Due - timer.Time, timer.Due - _current.Time))
        {
            Expected(timer, call);
        }
        else if (timer is null && pause.IsLast)
        {
            Happen(run => run.Complete(call.Id, "null"));
        }
        else
        {
            throw Difference(_current, HistoryText.Paused(pause, timer), HistoryText.Pauses(pause, _current.Time));
        }
    }

    private bool IsSame(RecordedEvent recorded, Step step) => (recorded.Step, step) switch
    {
        (ActivityCall was, ActivityCall now) =>
            was.Name == now.Name && (!recorded.HasInput || Json.AreEqual(was.Input, now.Input)),
        (DurableTimer was, DurableTimer now) =>
            IsBetween(was.Due - FirstDue(now), TimeSpan.Zero, recorded.Time - _current.Time),
        (Signal was, Signal now) =>
            (was.Entity, was.Key, was.Operation) == (now.Entity, now.Key, now.Operation)
            && Json.AreEqual(was.Input, now.Input),
        _ => false,
    };

    // The SDK splits long timers.
    private DateTime FirstDue(DurableTimer timer) =>
        timer.Due - _current.Time > LongestTimer ? _current.Time + LongestTimer : timer.Due;

    private void CheckEnd()
    {
        RecordedEvent? end = _history.Events.LastOrDefault(recorded => recorded.Status is "Completed" or "Failed");
        bool isSame = end?.Status switch
        {
            "Completed" => !_run.IsWaiting && _run.Output is { } output && Json.AreEqual(end.Returned, output),
            "Failed" => _run.Error is not null,
            _ => _run.IsWaiting && _run.Error is null,
        };
        if (!isSame)
        {
            throw Difference(end ?? _history.Events[^1], HistoryText.Ended(end), HistoryText.WaitsOrEnds(_run));
        }

        if (_run.Error is not null)
        {
            return;
        }

        string status = _run.Steps.OfType<CustomStatus>().LastOrDefault()?.Value ?? "null";
        if (_history.CustomStatus is { } was && !Json.AreEqual(was, status))
        {
            throw Difference(_history.Events[^1], $"had the custom status {was}", $"has {status}");
        }
    }

    // The recorded orchestrator ran a little later than the event that woke it.
    private static bool IsBetween(TimeSpan value, TimeSpan shortest, TimeSpan longest) =>
        value >= shortest - Tolerance && value <= longest + Tolerance;

    private string Place(RecordedEvent recorded) => $"{_history.Path}, historyEvents[{recorded.Index}]";

    private RecordedHistoryException Difference(RecordedEvent recorded, string did, string does) => new(
        $"{Place(recorded)}: the recorded orchestration {did}, but today's orchestrator {does}. {Advice}");
}
