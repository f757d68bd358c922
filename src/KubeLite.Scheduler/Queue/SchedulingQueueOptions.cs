namespace KubeLite.Scheduler.Queue;

/// <summary>The times of the queue; the defaults are Kubernetes'.</summary>
internal sealed record SchedulingQueueOptions
{
    /// <summary>The first back-off: 1 s.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest back-off: 10 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After this long without a change that helps, a Pod is tried again all the same: 5 min.</summary>
    public TimeSpan MaxUnschedulable { get; init; } = TimeSpan.FromMinutes(5);
}
