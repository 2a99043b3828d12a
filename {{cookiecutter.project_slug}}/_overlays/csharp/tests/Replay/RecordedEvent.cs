using System.Globalization;
using System.Text.Json;
using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>An event of a recorded history, as the management API of the Functions host returns it.</summary>
internal sealed class RecordedEvent
{
    private readonly JsonElement _json;

    /// <param name="index">Its place in the history, from 0.</param>
    /// <param name="json">The event.</param>
    public RecordedEvent(int index, JsonElement json)
    {
        (Index, _json) = (index, json);
        Type = json.GetProperty("EventType").GetString()!;
        Time = TimeOf("Timestamp");
        Step = ReadStep();
        StepTime = Type is "TaskCompleted" or "TaskFailed" ? TimeOf("ScheduledTime") : Time;
    }

    public int Index { get; }

    public string Type { get; }

    public DateTime Time { get; }

    /// <summary>What the orchestrator did; null when something happened to it.</summary>
    /// <remarks>The host joins the call of an activity with the event that ends it.</remarks>
    public Step? Step { get; }

    /// <summary>When the orchestrator did it.</summary>
    public DateTime StepTime { get; }

    /// <summary>The name of the orchestrator, activity or event.</summary>
    public string Name => Text("FunctionName") ?? Text("Name") ?? "";

    /// <summary>The input of the orchestrator, or the data of an event, as JSON.</summary>
    public string Input => Text("Input") ?? "null";

    /// <summary>Whether the history has the input of an activity: not every storage keeps it.</summary>
    public bool HasInput => Text("Input") is not null;

    /// <summary>What an activity or the orchestrator returned, as JSON.</summary>
    public string Returned => _json.TryGetProperty("Result", out JsonElement result) ? Json.Write(result) : "null";

    /// <summary>Why an activity failed. Not every version of the host has the details of the error.</summary>
    public TaskFailureDetails Error =>
        _json.TryGetProperty("FailureDetails", out JsonElement details) && details.ValueKind is JsonValueKind.Object
            ? new(details.GetProperty("ErrorType").ToString(), details.GetProperty("ErrorMessage").ToString(), null, null, null)
            : new(typeof(InvalidOperationException).FullName!, Text("Reason") ?? "", null, null, null);

    /// <summary>How the orchestration ended.</summary>
    public string Status => Text("OrchestrationStatus") ?? "";

    /// <summary>When a timer is due.</summary>
    public DateTime Due => TimeOf("FireAt");

    private Step? ReadStep() => Type switch
    {
        "TaskScheduled" or "TaskCompleted" or "TaskFailed" => new ActivityCall(Name, ReadArgument()),
        "TimerCreated" => new DurableTimer(Due),
        "EventSent" when Text("InstanceId")?.Split('@', 3) is ["", var entity, var key] => ReadSignal(entity, key),
        _ => null,
    };

    // Activities have one argument, and the host keeps the list of all arguments.
    private JsonElement ReadArgument()
    {
        JsonElement input = JsonElement.Parse(Input);
        return input.ValueKind is JsonValueKind.Array && input.GetArrayLength() == 1 ? input[0] : input;
    }

    private Signal ReadSignal(string entity, string key)
    {
        JsonElement request = JsonElement.Parse(Input);
        string? input = request.TryGetProperty("input", out JsonElement text) ? text.GetString() : null;
        return new(entity, key, request.GetProperty("op").GetString()!, JsonElement.Parse(input ?? "null"));
    }

    private string? Text(string member) => _json.TryGetProperty(member, out JsonElement text) ? text.GetString() : null;

    private DateTime TimeOf(string member) => DateTime.Parse(
        _json.GetProperty(member).GetString()!,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
