namespace KubeLite.Kubelet.Drivers.Simulated;

/// <summary>A container that is pretended to run.</summary>
internal sealed class SimulatedContainer(string id, string podUid, SimulatedBehaviour behaviour)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its identity.</summary>
    public string Id => id;

    /// <summary>The Pod that it belongs to.</summary>
    public string PodUid => podUid;

    /// <summary>What it does.</summary>
    public SimulatedBehaviour Behaviour => behaviour;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _ended.Task.IsCompleted;

    /// <summary>Ends when it does.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends it; false when it had ended before.</summary>
    public bool End() => _ended.TrySetResult();
}
