using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DefaultPreemption;

/// <summary>A node that would take the Pod if some Pods left it.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Victims">The Pods that have to leave, the most important first.</param>
/// <param name="Violations">How many of them their disruption budgets protect.</param>
internal sealed record Candidate(string Node, IReadOnlyList<PodInfo> Victims, int Violations);
