using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Queue;

/// <summary>A Pod that waits for a node. Belongs to the queue.</summary>
internal sealed class QueuedPod
{
    /// <summary>Makes the entry of a Pod that was just seen.</summary>
    public QueuedPod(PodInfo pod, DateTimeOffset now)
    {
        Pod = pod;
        Timestamp = now;
        FirstSeen = now;
    }

    /// <summary>The Pod in its newest state.</summary>
    public PodInfo Pod { get; set; }

    /// <summary>When it was last put into a queue.</summary>
    public DateTimeOffset Timestamp { get; set; }

    /// <summary>When it was first seen.</summary>
    public DateTimeOffset FirstSeen { get; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; set; }

    /// <summary>How often it did not fit; what the back-off grows with.</summary>
    public int UnschedulableCount { get; set; }

    /// <summary>How many errors came in a row; what the back-off grows with instead while there are any.</summary>
    public int ErrorCount { get; set; }

    /// <summary>The plugins that rejected it, by name.</summary>
    public HashSet<string> RejectedBy { get; } = new(StringComparer.Ordinal);

    /// <summary>The PreEnqueue plugin that keeps it out of the active queue; null when none does.</summary>
    public string? GatedBy { get; set; }

    /// <summary>Something happened while it was gated that would have let it be tried again.</summary>
    public bool MovedWhileGated { get; set; }

    /// <summary>Where it is.</summary>
    public QueuePlace Place { get; set; }

    /// <summary>When its back-off ends, while it is in the back-off queue.</summary>
    public DateTimeOffset BackoffUntil { get; set; }
}
