using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>What an orchestrator does. Each replay must repeat the steps of the run before.</summary>
internal abstract record Step;

/// <summary>A step that an orchestrator can wait for.</summary>
internal abstract record DurableCall : Step;

/// <summary>One attempt of an activity.</summary>
internal sealed record ActivityCall : DurableCall
{
    public ActivityCall(string name, object? input, Retry? retry = null) =>
        (Name, Input, Retry) = (name, Json.Write(input), retry);

    public string Name { get; }

    /// <summary>The input as JSON, so that equal calls have equal inputs.</summary>
    public string Input { get; }

    public Retry? Retry { get; }
}

/// <summary>How often an activity is attempted. The interval is multiplied by the factor after each attempt.</summary>
internal sealed record Retry(int Attempts, TimeSpan Interval, double Factor = 1)
{
    /// <summary>The longest interval. The default is that of <see cref="RetryPolicy"/>.</summary>
    public TimeSpan LongestInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Returns the policy of a call; without one there is a single attempt.</summary>
    public static Retry? Of(TaskOptions? options) => options?.Retry switch
    {
        null => null,
        { Policy: { } policy } => new(policy.MaxNumberOfAttempts, policy.FirstRetryInterval, policy.BackoffCoefficient)
        {
            LongestInterval = policy.MaxRetryInterval,
        },
        _ => throw new NotSupportedException("Replay does not support TaskOptions.FromRetryHandler."),
    };

    /// <summary>Returns the time between a failed attempt and the next; attempts count from 1.</summary>
    public TimeSpan PauseAfter(int attempt)
    {
        TimeSpan pause = attempt < Attempts ? Interval * Math.Pow(Factor, attempt - 1) : TimeSpan.Zero;
        bool isLimited = LongestInterval != Timeout.InfiniteTimeSpan && pause > LongestInterval;
        return isLimited ? LongestInterval : pause;
    }
}

/// <summary>A timer that fires at a time.</summary>
internal record DurableTimer(DateTime Due) : DurableCall;

/// <summary>The timer after a failed attempt of an activity. The SDK also creates one after the last attempt.</summary>
internal sealed record Pause(DateTime Due, ActivityCall Call, int Attempt) : DurableTimer(Due)
{
    /// <summary>Whether no attempt follows.</summary>
    public bool IsLast => Attempt >= Call.Retry!.Attempts;
}

/// <summary>A wait for an event from outside.</summary>
internal sealed record ExternalEvent(string Name) : DurableCall;

/// <summary>A call that the orchestrator waits for no longer.</summary>
internal sealed record Cancellation(DurableCall Call) : Step;

/// <summary>A new custom status, as JSON.</summary>
internal sealed record CustomStatus(string Value) : Step;

/// <summary>A one-way message to an entity.</summary>
internal sealed record Signal : Step
{
    public Signal(string entity, string key, string operation, object? input) =>
        (Entity, Key, Operation, Input) = (entity.ToLowerInvariant(), key, operation, Json.Write(input));

    /// <summary>The name of the entity; case is ignored.</summary>
    public string Entity { get; }

    public string Key { get; }

    public string Operation { get; }

    /// <summary>The input as JSON.</summary>
    public string Input { get; }
}

/// <summary>The orchestration starts again with this input, as JSON.</summary>
internal sealed record NextGeneration(string Input, bool KeepsEvents) : Step;

/// <summary>The orchestrator has returned its output, as JSON.</summary>
internal sealed record Completion(string Output) : Step;

/// <summary>The orchestrator has thrown an exception.</summary>
internal sealed record Failure(string Message) : Step;
