using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace Orders.Tests;

/// <summary>A call of an orchestrator, and how it ends.</summary>
/// <param name="id">Its place among all calls of the run.</param>
/// <param name="call">What the orchestrator waits for.</param>
internal abstract class PendingCall(int id, DurableCall call)
{
    public int Id => id;

    public DurableCall Call => call;

    public abstract bool IsOpen { get; }

    /// <summary>Ends the call with a result, given as JSON.</summary>
    public abstract void Complete(string result);

    public abstract void Fail(TaskFailedException failure);

    public abstract void Cancel(CancellationToken cancellationToken);
}

/// <summary>A call with the type of its result. A call that was cancelled does not end again.</summary>
internal sealed class PendingCall<T>(int id, DurableCall call) : PendingCall(id, call)
{
    private readonly TaskCompletionSource<T> _source = new();

    public Task<T> Task => _source.Task;

    public override bool IsOpen => !Task.IsCompleted;

    public override void Complete(string result)
    {
        try
        {
            _source.TrySetResult(Json.Read<T>(result));
        }
        catch (JsonException e)
        {
            _source.TrySetException(e);
        }
    }

    public override void Fail(TaskFailedException failure) => _source.TrySetException(failure);

    public override void Cancel(CancellationToken cancellationToken) => _source.TrySetCanceled(cancellationToken);
}

/// <summary>Brings events to those who wait for them, as the SDK does.</summary>
internal sealed class EventInbox
{
    private readonly Dictionary<string, Stack<PendingCall>> _waiting = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, string Data)> _unprocessed = [];

    /// <summary>The events that nobody has waited for, in the order in which they came.</summary>
    public IReadOnlyList<(string Name, string Data)> Unprocessed => _unprocessed;

    /// <summary>Lets a call wait for an event. One that came too early counts.</summary>
    public void Await(string name, PendingCall call)
    {
        if (!_waiting.TryGetValue(name, out Stack<PendingCall>? waiting))
        {
            _waiting[name] = waiting = [];
        }

        waiting.Push(call);
        int early = _unprocessed.FindIndex(e => e.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (early >= 0)
        {
            string data = _unprocessed[early].Data;
            _unprocessed.RemoveAt(early);
            Deliver(name, data);
        }
    }

    /// <summary>Hands an event to the call that waits for it. The newest is first, even when it was cancelled.</summary>
    public void Deliver(string name, string data)
    {
        if (_waiting.TryGetValue(name, out Stack<PendingCall>? waiting) && waiting.TryPop(out PendingCall? call))
        {
            call.Complete(data);
        }
        else
        {
            _unprocessed.Add((name, data));
        }
    }
}

/// <summary>The entities of an orchestrator that only sends signals.</summary>
internal sealed class EntitySignals(Action<Signal> send) : TaskOrchestrationEntityFeature
{
    public override Task SignalEntityAsync(
        EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null)
    {
        if (options is not null)
        {
            throw new NotSupportedException($"Replay does not support {nameof(SignalEntityOptions)}.");
        }

        send(new Signal(id.Name, id.Key, operationName, input));
        return Task.CompletedTask;
    }

    public override Task<TResult> CallEntityAsync<TResult>(
        EntityInstanceId id, string operationName, object? input = null, CallEntityOptions? options = null) =>
        throw new NotSupportedException($"Replay does not support {nameof(CallEntityAsync)}.");

    public override Task CallEntityAsync(
        EntityInstanceId id, string operationName, object? input = null, CallEntityOptions? options = null) =>
        throw new NotSupportedException($"Replay does not support {nameof(CallEntityAsync)}.");

    public override Task<IAsyncDisposable> LockEntitiesAsync(IEnumerable<EntityInstanceId> entityIds) =>
        throw new NotSupportedException($"Replay does not support {nameof(LockEntitiesAsync)}.");

    public override bool InCriticalSection([NotNullWhen(true)] out IReadOnlyList<EntityInstanceId>? entityIds) =>
        throw new NotSupportedException($"Replay does not support {nameof(InCriticalSection)}.");
}
