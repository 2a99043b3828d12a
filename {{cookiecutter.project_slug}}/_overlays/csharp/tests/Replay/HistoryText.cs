namespace Orders.Tests;

/// <summary>The words for what the recorded orchestrator did, and for what today's orchestrator does.</summary>
internal static class HistoryText
{
    /// <summary>Returns what was recorded; with its input if only that differs from today's step.</summary>
    public static string Did(RecordedEvent recorded, Step? today = null)
    {
        Step step = recorded.Step!;
        string verb = step switch { ActivityCall => "called", Signal => "sent", _ => "started" };
        return $"{verb} {Noun(step, recorded.StepTime)}{InputOf(step, today)}";
    }

    /// <summary>Returns what today's orchestrator does; with its input if only that differs from the recorded step.</summary>
    public static string Does(Step step, DateTime now, Step? recorded = null)
    {
        string verb = step switch { ActivityCall => "calls", Signal => "sends", _ => "starts" };
        return $"{verb} {Noun(step, now)}{InputOf(step, recorded)}";
    }

    /// <summary>Returns what today's orchestrator waits for, or how it ended.</summary>
    public static string WaitsOrEnds(ReplayContext run) => run switch
    {
        { Error: { } error } => $"fails: {error.Message}",
        { Output: { } output } => $"returns {output}",
        { HasEnded: true } => "continues as new",
        _ => $"waits for {string.Join(" and ", run.OpenCalls.Select(call => Noun(call.Call, call.Since)))}",
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

    private static string InputOf(Step step, Step? other) => (step, other) switch
    {
        (ActivityCall one, ActivityCall two) when one.Name == two.Name => $" with {one.Input}",
        (Signal one, Signal two) when one.Operation == two.Operation && !Json.AreEqual(one.Input, two.Input) =>
            $" with input {one.Input}",
        _ => "",
    };

    private static string Seconds(TimeSpan length) => $"{Math.Round(length.TotalSeconds)} s";
}
