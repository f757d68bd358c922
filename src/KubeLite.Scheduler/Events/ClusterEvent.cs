namespace KubeLite.Scheduler.Events;

/// <summary>A change in the cluster that may make a waiting Pod schedulable.</summary>
/// <param name="Resource">What changed.</param>
/// <param name="Action">How.</param>
/// <param name="Old">The state before: a <see cref="PodInfo"/> or a model; null after an addition.</param>
/// <param name="New">The state now; null after a deletion.</param>
internal readonly record struct ClusterEvent(EventResource Resource, EventAction Action, object? Old, object? New);
