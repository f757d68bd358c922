using k8s.Models;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.NodeName;

/// <summary>Honours a node that the Pod names itself.</summary>
internal sealed class NodeNamePlugin : IFilterPlugin, IEventInterested
{
    private const string PluginName = "NodeName";

    private static readonly Status s_other =
        Status.Unresolvable(PluginName, "node(s) didn't match the requested node name");

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.Node, EventAction.Add,
            (pod, change) => change.New is V1Node node && node.Metadata.Name == pod.Pod.Spec.NodeName),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        string.IsNullOrEmpty(pod.Pod.Spec.NodeName) || pod.Pod.Spec.NodeName == node.Name ? Status.Success : s_other;
}
