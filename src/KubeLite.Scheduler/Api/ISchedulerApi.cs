using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Api;

/// <summary>What the scheduling loop tells the API server. Nothing here blocks; failures are logged and retried there.</summary>
internal interface ISchedulerApi
{
    /// <summary>
    /// Says in the Pod's status that it could not be scheduled, and where it is to get room.
    /// </summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="reason"><c>Unschedulable</c> or <c>SchedulerError</c>.</param>
    /// <param name="message">The words for the user.</param>
    /// <param name="nominatedNode">A node's name; empty to clear an old nomination; null to leave it as it is.</param>
    void ReportFailure(PodInfo pod, string reason, string message, string? nominatedNode);

    /// <summary>Records the event that a Pod was bound.</summary>
    void RecordScheduled(PodInfo pod, string node);
}
