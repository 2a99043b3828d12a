using System.Text.Json;
using Microsoft.DurableTask;

namespace Orders.Tests;

/// <summary>What an orchestrator asks of the host.</summary>
/// <param name="Kind">What it asks for, as in "activity".</param>
/// <param name="Name">The name of the function or of the event.</param>
/// <param name="Input">What it hands over, as JSON.</param>
/// <param name="Retry">How often and how far apart the host tries the function.</param>
/// <param name="FireAt">When a timer is due.</param>
internal sealed record DurableCall(
    string Kind, string? Name = null, string? Input = null, Retry? Retry = null, DateTime? FireAt = null)
{
    public static DurableCall Activity(string name, object? input, Retry? retry = null) =>
        new("activity", name, Json(input), retry);

    public static string Json(object? value) => JsonSerializer.Serialize(value, App.Json);
}

/// <summary>A retry policy. The interval is multiplied by the factor after each attempt.</summary>
internal sealed record Retry(int Attempts, TimeSpan Interval, double Factor = 1);

/// <summary>The orchestrator did not repeat its own past.</summary>
internal sealed class NonDeterministicOrchestratorException(string message) : Exception(message);

/// <summary>The durable calls of an orchestration, in order; each run must repeat those of the runs before.</summary>
/// <remarks>The host itself compares kinds and names only, so an input made from the clock would stay unseen.</remarks>
internal sealed class Recording
{
    private readonly List<DurableCall> _calls = [];

    public IReadOnlyList<DurableCall> Calls => _calls;

    /// <summary>Where the next run starts to repeat: the past ends when an orchestrator continues as new.</summary>
    public int Start { get; private set; }

    /// <summary>The first difference between two runs; an orchestrator may have caught the exception.</summary>
    public NonDeterministicOrchestratorException? Difference { get; private set; }

    /// <summary>Keeps a call, or compares it with the one that an earlier run made in its place.</summary>
    public void Add(int position, DurableCall call)
    {
        if (position == _calls.Count)
        {
            _calls.Add(call);
        }
        else if (_calls[position] != call)
        {
            Fail($"call {position + 1} was {_calls[position]}, and is {call} when replayed");
        }
    }

    /// <summary>Ends a run that has made all its calls.</summary>
    public void End(int position)
    {
        if (position < _calls.Count)
        {
            Fail($"call {position + 1} was {_calls[position]}, and is missing when replayed");
        }
    }

    /// <summary>Ends the past.</summary>
    public void ContinueAsNew() => Start = _calls.Count;

    private void Fail(string difference)
    {
        Difference ??= new NonDeterministicOrchestratorException(difference);
        throw Difference;
    }
}
