namespace Orders.Tests;

/// <summary>The orchestrator broke a rule of orchestrators: it is not deterministic, or awaits what is not durable.</summary>
internal sealed class NonDeterministicOrchestratorException(string message) : Exception(message);

/// <summary>Runs the code of an orchestrator on the thread of the test, and notices when it moves to another.</summary>
internal sealed class OrchestratorThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();

    /// <summary>Whether code came back from another thread, as it does after Task.Delay.</summary>
    public bool WasLeft { get; private set; }

    /// <summary>Runs an action and all that it makes ready to run.</summary>
    public void Run(Action action)
    {
        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
            while (_work.TryDequeue(out (SendOrPostCallback Callback, object? State) work))
            {
                work.Callback(work.State);
            }
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Throws when the caller has moved to another thread, as code does after ConfigureAwait(false).</summary>
    public void Check()
    {
        if (Current != this)
        {
            WasLeft = true;
            throw new NonDeterministicOrchestratorException("The orchestrator used its context on another thread.");
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Current == this)
        {
            _work.Enqueue((d, state));
        }
        else
        {
            WasLeft = true; // The SDK would never run this code.
        }
    }
}
