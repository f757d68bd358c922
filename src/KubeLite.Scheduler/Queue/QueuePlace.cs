namespace KubeLite.Scheduler.Queue;

/// <summary>Where a waiting Pod is.</summary>
internal enum QueuePlace
{
    /// <summary>In no queue: a scheduling cycle has it.</summary>
    InFlight,

    /// <summary>Ready to be tried.</summary>
    Active,

    /// <summary>Ready to be tried when its back-off has ended, or when there is nothing else to do.</summary>
    Backoff,

    /// <summary>Waiting for a change in the cluster.</summary>
    Unschedulable,
}
