namespace Orders.Tests;

/// <summary>The words for what the recorded orchestrator did, and for what today's orchestrator does.</summary>
internal static class HistoryText
{
    /// <summary>Returns what the recorded orchestrator did.</summary>
    public static string Did(RecordedEvent recorded, bool withInput = false)
    {
        string verb = recorded.Step switch { ActivityCall => "called", Signal => "sent", _ => "started" };
        string input = withInput && recorded.HasInput ? InputOf(recorded.Step!) : "";
        return $"{verb} {Noun(recorded.Step!, recorded.StepTime)}{input}";
    }

    /// <summary>Returns what today's orchestrator does.</summary>
    public static string Does(Step step, DateTime now, bool withInput = false)
    {
        string verb = step switch { ActivityCall => "calls", Signal => "sends", _ => "starts" };
        return $"{verb} {Noun(step, now)}{(withInput ? InputOf(step) : "")}";
    }

    /// <summary>Returns both, with the inputs if only these differ.</summary>
    public static (string Did, string Does) Contrast(RecordedEvent recorded, Step step, DateTime now)
    {
        bool withInput = Noun(recorded.Step!, now) == Noun(step, now);
        return (Did(recorded, withInput), Does(step, now, withInput));
    }

    /// <summary>Returns whether two steps call the same activity: then only the inputs tell them apart.</summary>
    public static bool HaveSameName(Step one, Step other) =>
        one is ActivityCall first && other is ActivityCall second && first.Name == second.Name;

    /// <summary>Returns what today's orchestrator waits for, or how it has ended.</summary>
    public static string WaitsOrEnds(ReplayContext run, bool withInputs = false) => run switch
    {
        { Error: { } error } => $"fails: {error.Message}",
        { IsWaiting: true } =>
            $"waits for {string.Join(" and ", run.Awaited.Select(call =>
                Noun(call.Call, run.CurrentUtcDateTime) + (withInputs ? InputOf(call.Call) : "")))}",
        { Output: { } output } => $"returns {output}",
        _ => "continues as new",
    };

    /// <summary>Returns how the recorded orchestration ended.</summary>
    public static string Ended(RecordedEvent? end) => end?.Status switch
    {
        "Completed" => $"returned {end.Returned}",
        "Failed" => "failed",
        _ => "was still running",
    };

    /// <summary>Returns what followed a failed attempt: the timer of the pause, if there was one.</summary>
    public static string Paused(Pause today, RecordedEvent? timer)
    {
        TimeSpan length = timer is null ? TimeSpan.Zero : timer.Due - timer.Time;
        return length < TimeSpan.FromMilliseconds(500)
            ? $"made no further attempt of {Noun(today, default)} after attempt {today.Attempt}"
            : $"paused {Seconds(length)} after attempt {today.Attempt} of {Noun(today, default)}";
    }

    /// <summary>Returns what follows a failed attempt today.</summary>
    public static string Pauses(Pause pause, DateTime now) =>
        pause.IsLast ? "makes no further attempt" : $"pauses {Seconds(pause.Due - now)}";

    private static string Noun(Step step, DateTime since) => step switch
    {
        ActivityCall activity => $"activity \"{activity.Name}\"",
        Pause pause => Noun(pause.Call, since),
        DurableTimer timer => $"a timer of {Seconds(timer.Due - since)}",
        ExternalEvent external => $"event \"{external.Name}\"",
        Signal signal => $"signal \"{signal.Operation}\" to entity \"{signal.Entity}\" with key \"{signal.Key}\"",
        _ => throw new NotSupportedException($"There are no words for {step}."),
    };

    private static string InputOf(Step step) => step switch
    {
        ActivityCall activity => $" with {activity.Input}",
        Signal signal => $" with input {signal.Input}",
        _ => "",
    };

    private static string Seconds(TimeSpan length) => $"{Math.Round(length.TotalSeconds)} s";
}
