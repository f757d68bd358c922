using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Queue;

namespace KubeLite.Scheduler.Plugins.PrioritySort;

/// <summary>Higher priority first, then whoever waits longer.</summary>
internal sealed class PrioritySortPlugin : IQueueSortPlugin
{
    /// <inheritdoc/>
    public string Name => "PrioritySort";

    /// <inheritdoc/>
    public int Compare(QueuedPod? x, QueuedPod? y)
    {
        var byPriority = y!.Pod.Priority.CompareTo(x!.Pod.Priority);
        return byPriority != 0 ? byPriority : x.Timestamp.CompareTo(y.Timestamp);
    }
}
