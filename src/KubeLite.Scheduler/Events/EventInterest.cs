using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Events;

/// <summary>Which changes may undo a plugin's rejection.</summary>
/// <param name="Resource">What has to change.</param>
/// <param name="Actions">How.</param>
/// <param name="Hint">
/// Whether this very change may make the Pod schedulable; null: each does. The queueing hint of KEP-4247.
/// </param>
internal sealed record EventInterest(EventResource Resource, EventAction Actions, Func<PodInfo, ClusterEvent, bool>? Hint = null);
