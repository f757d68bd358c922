using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.TaintToleration;

/// <summary>Leaves nodes alone whose NoSchedule and NoExecute taints the Pod does not tolerate, and avoids PreferNoSchedule ones.</summary>
internal sealed class TaintTolerationPlugin : IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventInterested
{
    private const string PluginName = "TaintToleration";

    private static readonly Status s_untolerated =
        Status.Unresolvable(PluginName, "node(s) had untolerated taint(s)");

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeTaint, Helps),
        new(EventResource.TargetPod, EventAction.UpdatePodTolerations),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public int Weight => 3;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        node.Taints.Length == 0 || Tolerations.FirstUntolerated(node.Taints, pod.Tolerations) is null
            ? Status.Success
            : s_untolerated;

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible)
    {
        foreach (var node in feasible)
        {
            if (node.Taints.Length > 0)
            {
                return Status.Success;
            }
        }

        // Without taints every node would get the same score.
        return Status.Skip;
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var count = 0;
        foreach (var taint in node.Taints)
        {
            if (taint.Effect == "PreferNoSchedule" && !Tolerations.Tolerates(pod.Tolerations, taint))
            {
                count++;
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores) =>
        Scores.Normalize(scores, reverse: true);

    private static bool Helps(PodInfo pod, ClusterEvent change) =>
        change.New is V1Node node
        && Tolerations.FirstUntolerated([.. node.Spec?.Taints ?? []], pod.Tolerations) is null;
}
