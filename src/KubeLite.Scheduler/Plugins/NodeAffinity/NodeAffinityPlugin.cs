using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.NodeAffinity;

/// <summary>Honours the Pod's node selector and node affinity, required and preferred.</summary>
internal sealed class NodeAffinityPlugin
    : IPreFilterPlugin, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventInterested
{
    private const string PluginName = "NodeAffinity";

    private static readonly Status s_mismatch =
        Status.Unresolvable(PluginName, "node(s) didn't match Pod's node affinity/selector");

    private static readonly Status s_conflict = Status.Unresolvable(PluginName, "pod affinity terms conflict");
    private static readonly StateKey<Preferences> s_preferences = new();

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeLabel,
            (pod, change) => change.New is V1Node node && pod.AcceptsNode(node)),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public int Weight => 2;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only)
    {
        only = null;
        if (pod.RequiredNodeAffinity is null && pod.Pod.Spec.NodeSelector is not { Count: > 0 })
        {
            return Status.Skip;
        }

        only = pod.RequiredNodeAffinity?.PossibleNames();
        return only is { Count: 0 } ? s_conflict : Status.Success;
    }

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        pod.AcceptsNode(node.Node!) ? Status.Success : s_mismatch;

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible)
    {
        var terms = pod.Pod.Spec.Affinity?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution;
        if (terms is not { Count: > 0 })
        {
            return Status.Skip;
        }

        var compiled = new List<(NodeSelector, int)>(terms.Count);
        foreach (var term in terms)
        {
            if (NodeSelector.Of(term.Preference) is { } selector)
            {
                compiled.Add((selector, term.Weight));
            }
        }

        state.Write(s_preferences, new Preferences(compiled));
        return Status.Success;
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        long sum = 0;
        foreach (var (selector, weight) in state.Read(s_preferences)!.Terms)
        {
            if (selector.Matches(node.Node!))
            {
                sum += weight;
            }
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores) =>
        Scores.Normalize(scores, reverse: false);

    private sealed class Preferences(List<(NodeSelector Selector, int Weight)> terms) : ICycleData
    {
        public List<(NodeSelector Selector, int Weight)> Terms => terms;

        public ICycleData Clone() => this;
    }
}
