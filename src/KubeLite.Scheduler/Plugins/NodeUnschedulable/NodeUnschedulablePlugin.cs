using k8s.Models;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.NodeUnschedulable;

/// <summary>Leaves cordoned nodes alone, unless the Pod tolerates the taint that a cordon brings.</summary>
internal sealed class NodeUnschedulablePlugin : IFilterPlugin, IEventInterested
{
    private const string PluginName = "NodeUnschedulable";

    private static readonly Status s_unschedulable = Status.Unresolvable(PluginName, "node(s) were unschedulable");

    private static readonly V1Taint s_taint = new()
    {
        Key = "node.kubernetes.io/unschedulable",
        Effect = "NoSchedule",
    };

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeTaint, Helps),
        new(EventResource.TargetPod, EventAction.UpdatePodTolerations),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        node.Node!.Spec?.Unschedulable != true || Tolerations.Tolerates(pod.Tolerations, s_taint)
            ? Status.Success
            : s_unschedulable;

    private static bool Helps(PodInfo pod, ClusterEvent change) => change.New is V1Node { Spec.Unschedulable: not true };
}
