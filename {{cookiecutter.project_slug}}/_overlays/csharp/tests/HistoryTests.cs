namespace Orders.Tests;

/// <summary>Today's orchestrators do again what was recorded, so that running instances go on after a deployment.</summary>
public sealed class HistoryTests
{
    public static TheoryData<string> Files => [.. RecordedHistory.Files];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Files))]
    public void A_recorded_history_is_repeated(string file) => HistoryReplay.Run(RecordedHistory.Read(file));
}
