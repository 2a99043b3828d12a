using System.Text.Json;

namespace Orders.Tests;

/// <summary>Today's orchestrator differs from a recorded history, or the file is none.</summary>
internal sealed class RecordedHistoryException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The history of an instance, as scripts/record-history saves it.</summary>
internal sealed class RecordedHistory
{
    private readonly JsonElement _instance;

    private RecordedHistory(string file, string json)
    {
        Path = $"tests/histories/{file}";
        try
        {
            _instance = JsonElement.Parse(json);
            Events =
            [
                .. _instance.GetProperty("historyEvents").EnumerateArray()
                    .Select((recorded, index) => new RecordedEvent(index, recorded))
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw NotAHistory(e);
        }

        if (Events is not [{ Type: "ExecutionStarted" }, ..])
        {
            throw NotAHistory();
        }
    }

    /// <summary>The names of the files in tests/histories.</summary>
    public static IEnumerable<string> Files => Directory.Exists(PathOf(""))
        ? Directory.EnumerateFiles(PathOf(""), "*.json").Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal)!
        : [];

    /// <summary>The path of the file in the project.</summary>
    public string Path { get; }

    /// <summary>What happened, in order. The first event is the start.</summary>
    public IReadOnlyList<RecordedEvent> Events { get; }

    /// <summary>The id of the instance.</summary>
    public string InstanceId => _instance.TryGetProperty("instanceId", out JsonElement id) ? id.ToString() : "";

    /// <summary>The version of the orchestration, empty when it has none.</summary>
    public string Version => _instance.TryGetProperty("version", out JsonElement version) ? version.ToString() : "";

    /// <summary>The custom status as JSON, or null when there is none.</summary>
    public string? CustomStatus =>
        _instance.TryGetProperty("customStatus", out JsonElement status) && status.ValueKind is not JsonValueKind.Null
            ? Json.Write(status)
            : null;

    /// <summary>Reads a file of tests/histories.</summary>
    /// <exception cref="RecordedHistoryException">It is not a recorded history.</exception>
    public static RecordedHistory Read(string file) => new(file, File.ReadAllText(PathOf(file)));

    private static string PathOf(string file) => System.IO.Path.Combine(AppContext.BaseDirectory, "histories", file);

    private RecordedHistoryException NotAHistory(Exception? cause = null) =>
        new($"{Path} is not a recorded history: write it with scripts/record-history.", cause);
}
