using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orders.Tests;

/// <summary>The context of one run of an orchestrator. It notes each step, and ends calls as the history tells.</summary>
/// <param name="name">The name of the orchestrator.</param>
/// <param name="version">The version of the orchestration.</param>
/// <param name="input">Its input, as JSON.</param>
/// <param name="generation">How often the orchestration has continued as new.</param>
internal sealed class ReplayContext(
    string name, string version, string input, int generation, string instanceId = "instance-1") : TaskOrchestrationContext
{
    private readonly OrchestratorThread _thread = new();
    private readonly List<Step> _steps = [];
    private readonly List<PendingCall> _calls = [];
    private readonly EventInbox _inbox = new();
    private Task? _orchestrator;
    private DateTime _now;
    private bool _isReplaying;
    private int _guids;

    /// <summary>What the orchestrator has done so far.</summary>
    public IReadOnlyList<Step> Steps => _steps;

    /// <summary>All calls, in the order in which the orchestrator made them.</summary>
    public IReadOnlyList<PendingCall> Calls => _calls;

    /// <summary>The calls that the orchestrator waits for, in the order in which it made them.</summary>
    public IEnumerable<PendingCall> OpenCalls => _calls.Where(call => call.IsOpen);

    /// <summary>What keeps the orchestration running. A wait for an event does not, once the orchestrator has returned.</summary>
    public IEnumerable<PendingCall> Awaited => OpenCalls.Where(call => !HasEnded || call.Call is not ExternalEvent);

    /// <summary>Whether something keeps the orchestration running.</summary>
    public bool IsWaiting => Awaited.Any();

    /// <summary>The events that the orchestrator has not waited for.</summary>
    public IReadOnlyList<(string Name, string Data)> UnprocessedEvents => _inbox.Unprocessed;

    /// <summary>Whether the orchestrator has returned or thrown.</summary>
    public bool HasEnded => _orchestrator is { IsCompleted: true };

    /// <summary>What the orchestrator has thrown.</summary>
    public Exception? Error { get; private set; }

    /// <summary>What the orchestrator has returned, as JSON; null when it continues as new.</summary>
    public string? Output =>
        _steps.Any(step => step is NextGeneration) ? null : _steps.OfType<Completion>().SingleOrDefault()?.Output;

    public override TaskName Name => name;

    public override string Version => version;

    public override string InstanceId => instanceId;

    public override ParentOrchestrationInstance? Parent => null;

    public override DateTime CurrentUtcDateTime => _now;

    public override bool IsReplaying => _isReplaying;

    public override TaskOrchestrationEntityFeature Entities => new EntitySignals(Add);

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    /// <summary>Lets everything happen that is in the history, in order.</summary>
    public void Run(IReadOnlyList<HistoryEvent> history)
    {
        foreach ((int index, HistoryEvent historyEvent) in history.Index())
        {
            _isReplaying = index < history.Count - 1;
            Apply(historyEvent);
        }

        CheckAwaits();
    }

    /// <summary>Lets one more event happen.</summary>
    public void Apply(HistoryEvent historyEvent)
    {
        _now = historyEvent.Time;
        _thread.Run(() => historyEvent.Apply(this));
    }

    /// <summary>Throws when the orchestrator awaits something that did not come from this context.</summary>
    public void CheckAwaits()
    {
        if (_thread.WasLeft || (!HasEnded && !OpenCalls.Any()))
        {
            throw new NonDeterministicOrchestratorException(
                "The orchestrator awaits something that is not durable. Await only what the context returns: "
                + "no Task.Delay, Task.Run, I/O, ConfigureAwait(false) or CancelAsync.");
        }
    }

    /// <summary>Starts the orchestrator.</summary>
    public void Start(Func<TaskOrchestrationContext, Task<object?>> orchestrator) =>
        _orchestrator = FollowAsync(orchestrator);

    /// <summary>Ends a call with a result, given as JSON.</summary>
    public void Complete(int call, string result) => _calls[call].Complete(result);

    /// <summary>Lets an attempt of an activity fail.</summary>
    public void Fail(int call, string activity, string reason) =>
        Fail(call, activity, new TaskFailureDetails(typeof(InvalidOperationException).FullName!, reason, null, null, null));

    /// <summary>Lets an attempt of an activity fail with an error.</summary>
    public void Fail(int call, string activity, TaskFailureDetails error) =>
        _calls[call].Fail(new TaskFailedException(activity, call, error));

    /// <summary>Delivers an event with data, given as JSON.</summary>
    public void Raise(string eventName, string data) => _inbox.Deliver(eventName, data);

    public override T GetInput<T>() => Json.Read<T>(input);

    public override Guid NewGuid() => new(_guids++, (short)generation, 0, new byte[8]);

    public override async Task<TResult> CallActivityAsync<TResult>(
        TaskName name, object? input = null, TaskOptions? options = null)
    {
        ActivityCall call = new(name.Name, input, Retry.Of(options));
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await Add<TResult>(call).Task;
            }
            catch (TaskFailedException) when (call.Retry is not null)
            {
                Pause pause = new(_now + call.Retry.PauseAfter(attempt), call, attempt);
                await Add<object?>(pause).Task;
                if (pause.IsLast)
                {
                    throw;
                }
            }
        }
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        PendingCall<object?> timer = Add<object?>(new DurableTimer(fireAt.ToUniversalTime()));
        CancelWith(timer, cancellationToken);
        return timer.Task;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        PendingCall<T> wait = Add<T>(new ExternalEvent(eventName));
        _inbox.Await(eventName, wait);
        CancelWith(wait, cancellationToken);
        return wait.Task;
    }

    public override void SetCustomStatus(object? customStatus) => Add(new CustomStatus(Json.Write(customStatus)));

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        Add(new NextGeneration(Json.Write(newInput), preserveUnprocessedEvents));

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName, object? input = null, TaskOptions? options = null) =>
        throw new NotSupportedException($"Replay does not support {nameof(CallSubOrchestratorAsync)}.");

    public override void SendEvent(string instanceId, string eventName, object payload) =>
        throw new NotSupportedException($"Replay does not support {nameof(SendEvent)}.");

    private async Task FollowAsync(Func<TaskOrchestrationContext, Task<object?>> orchestrator)
    {
        try
        {
            Add(new Completion(Json.Write(await orchestrator(this))));
        }
        catch (Exception e)
        {
            Error = e;
            Add(new Failure(e.Message));
        }
    }

    private PendingCall<T> Add<T>(DurableCall call)
    {
        Add(call);
        PendingCall<T> pending = new(_calls.Count, call);
        _calls.Add(pending);
        return pending;
    }

    private void Add(Step step)
    {
        _thread.Check();
        _steps.Add(step);
    }

    private void CancelWith(PendingCall pending, CancellationToken cancellationToken) =>
        cancellationToken.Register(() =>
        {
            if (pending.IsOpen)
            {
                Add(new Cancellation(pending.Call));
                pending.Cancel(cancellationToken);
            }
        });
}
