using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orders.Tests;

/// <summary>The context of one run of an orchestrator: it records each durable call and passes it on.</summary>
internal sealed class RecordingContext(TaskOrchestrationContext inner, Recording recording) : TaskOrchestrationContext
{
    private int _position = recording.Start;

    public override TaskName Name => inner.Name;

    public override string InstanceId => inner.InstanceId;

    public override ParentOrchestrationInstance? Parent => inner.Parent;

    public override DateTime CurrentUtcDateTime => inner.CurrentUtcDateTime;

    public override bool IsReplaying => inner.IsReplaying;

    public override string Version => inner.Version;

    public override TaskOrchestrationEntityFeature Entities => inner.Entities;

    protected override ILoggerFactory LoggerFactory => NullLoggerFactory.Instance;

    public override T GetInput<T>()
        where T : default => inner.GetInput<T>()!;

    public override Guid NewGuid() => inner.NewGuid();

    public override Task<TResult> CallActivityAsync<TResult>(
        TaskName name, object? input = null, TaskOptions? options = null)
    {
        Record(DurableCall.Activity(name.Name, input, RetryOf(options)));
        return inner.CallActivityAsync<TResult>(name, input, WithoutWaiting(options));
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        Record(new("sub-orchestrator", orchestratorName.Name, DurableCall.Json(input), RetryOf(options)));
        return inner.CallSubOrchestratorAsync<TResult>(orchestratorName, input, WithoutWaiting(options));
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        Record(new("timer", FireAt: fireAt));
        return inner.CreateTimer(fireAt, cancellationToken);
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        Record(new("event", eventName));
        return inner.WaitForExternalEvent<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        Record(new("sent event", eventName, DurableCall.Json(new { instanceId, payload })));
        inner.SendEvent(instanceId, eventName, payload);
    }

    public override void SetCustomStatus(object? customStatus)
    {
        Record(new("custom status", Input: DurableCall.Json(customStatus)));
        inner.SetCustomStatus(customStatus);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        Record(new("continue as new", Input: DurableCall.Json(newInput)));
        recording.ContinueAsNew();
        inner.ContinueAsNew(newInput, preserveUnprocessedEvents);
    }

    /// <summary>Ends the run when the orchestrator has returned.</summary>
    public void End() => recording.End(_position);

    private void Record(DurableCall call) => recording.Add(_position++, call);

    private static Retry? RetryOf(TaskOptions? options) =>
        options?.Retry?.Policy is { } policy
            ? new Retry(policy.MaxNumberOfAttempts, policy.FirstRetryInterval, policy.BackoffCoefficient)
            : null;

    // The test host waits in real time: it gets the policy of the app with hardly any time between attempts.
    private static TaskOptions? WithoutWaiting(TaskOptions? options) =>
        options?.Retry?.Policy is { } policy
            ? options with { Retry = new RetryPolicy(policy.MaxNumberOfAttempts, TimeSpan.FromMilliseconds(1)) }
            : options;
}
