using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Queue;

namespace KubeLite.Scheduler.Plugins.PodTopologySpread;

/// <summary>
/// Spreads Pods over domains as they ask for; Pods that ask for nothing are spread, softly, over hosts and zones with their
/// siblings (Kubernetes' system defaults: skew 3 by host, 5 by zone).
/// </summary>
internal sealed class PodTopologySpreadPlugin(ClusterListers listers)
    : IPreFilterPlugin, IPreFilterExtensions, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventInterested
{
    private const string PluginName = "PodTopologySpread";
    private const long Ignored = -1;

    private static readonly Status s_skewed =
        Status.Unschedulable(PluginName, "node(s) didn't match pod topology spread constraints");

    private static readonly Status s_labelMissing = Status.Unresolvable(
        PluginName, "node(s) didn't match pod topology spread constraints (missing required label)");

    private static readonly StateKey<DomainCounts> s_counts = new();
    private static readonly StateKey<SpreadScore> s_score = new();

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.AssignedPod, EventAction.Add | EventAction.Delete | EventAction.UpdatePodLabel, SameNamespace),
        new(EventResource.Node,
            EventAction.Add | EventAction.Delete | EventAction.UpdateNodeLabel | EventAction.UpdateNodeTaint),
        new(EventResource.TargetPod, EventAction.UpdatePodLabel | EventAction.UpdatePodTolerations),
    ];

    private readonly DefaultSelector _siblings = new(listers);

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
        var constraints = SpreadConstraint.Of(pod, "DoNotSchedule");
        if (constraints.Length == 0)
        {
            return Status.Skip;
        }

        var counts = new DomainCounts(constraints);
        foreach (var node in nodes.All)
        {
            if (!SpreadConstraint.AllKeysOn(node, constraints))
            {
                continue;
            }

            for (var i = 0; i < constraints.Length; i++)
            {
                if (constraints[i].Counts(pod, node))
                {
                    counts.Add(i, node.Label(constraints[i].TopologyKey)!, constraints[i].CountPods(node, pod.Namespace));
                }
            }
        }

        state.Write(s_counts, counts);
        return Status.Success;
    }

    /// <inheritdoc/>
    public void Changed(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (state.Read(s_counts) is not { } counts || other.Namespace != pod.Namespace || other.IsTerminating
            || !SpreadConstraint.AllKeysOn(node, counts.Constraints))
        {
            return;
        }

        for (var i = 0; i < counts.Constraints.Length; i++)
        {
            var constraint = counts.Constraints[i];
            if (constraint.Selector.Matches(other.Labels) && constraint.Counts(pod, node))
            {
                counts.Add(i, node.Label(constraint.TopologyKey)!, sign);
            }
        }
    }

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var counts = state.Read(s_counts)!;
        for (var i = 0; i < counts.Constraints.Length; i++)
        {
            var constraint = counts.Constraints[i];
            if (node.Label(constraint.TopologyKey) is not { } domain)
            {
                return s_labelMissing;
            }

            var self = constraint.Selector.Matches(pod.Labels) ? 1 : 0;
            if (counts.Of(i, domain) + self - counts.Minimum(i) > constraint.MaxSkew)
            {
                return s_skewed;
            }
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible)
    {
        var own = pod.Pod.Spec.TopologySpreadConstraints is { Count: > 0 };
        var constraints = own ? SpreadConstraint.Of(pod, "ScheduleAnyway") : Defaults(pod);
        if (constraints.Length == 0)
        {
            return Status.Skip;
        }

        var score = NewScore(constraints, feasible, requireAllKeys: own);
        foreach (var node in nodes.All)
        {
            if (own && !SpreadConstraint.AllKeysOn(node, constraints))
            {
                continue;
            }

            for (var i = 0; i < constraints.Length; i++)
            {
                if (node.Label(constraints[i].TopologyKey) is { } domain
                    && score.Counts[i].TryGetValue(domain, out var count) && constraints[i].Counts(pod, node))
                {
                    score.Counts[i][domain] = count + constraints[i].CountPods(node, pod.Namespace);
                }
            }
        }

        state.Write(s_score, score);
        return Status.Success;
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var score = state.Read(s_score)!;
        if (score.Ignored.Contains(node))
        {
            return Ignored;
        }

        double sum = 0;
        for (var i = 0; i < score.Constraints.Length; i++)
        {
            var constraint = score.Constraints[i];
            if (node.Label(constraint.TopologyKey) is not { } domain)
            {
                continue;
            }

            var count = constraint.TopologyKey == SpreadConstraint.Hostname
                ? constraint.CountPods(node, pod.Namespace)
                : score.Counts[i].GetValueOrDefault(domain);
            sum += (count * score.Weights[i]) + (constraint.MaxSkew - 1);
        }

        return (long)Math.Round(sum, MidpointRounding.AwayFromZero);
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores)
    {
        long min = long.MaxValue;
        long max = 0;
        foreach (var score in scores)
        {
            if (score != Ignored)
            {
                min = Math.Min(min, score);
                max = Math.Max(max, score);
            }
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = scores[i] == Ignored ? 0
                : max == 0 ? IScorePlugin.MaxScore
                : IScorePlugin.MaxScore * (max + min - scores[i]) / max;
        }
    }

    private static SpreadScore NewScore(SpreadConstraint[] constraints, IReadOnlyList<NodeInfo> feasible, bool requireAllKeys)
    {
        var counts = new Dictionary<string, int>[constraints.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = new(StringComparer.Ordinal);
        }

        var ignored = new HashSet<NodeInfo>();
        foreach (var node in feasible)
        {
            if (requireAllKeys && !SpreadConstraint.AllKeysOn(node, constraints))
            {
                ignored.Add(node);
                continue;
            }

            for (var i = 0; i < constraints.Length; i++)
            {
                if (constraints[i].TopologyKey != SpreadConstraint.Hostname)
                {
                    counts[i].TryAdd(node.Label(constraints[i].TopologyKey) ?? "", 0);
                }
            }
        }

        var weights = new double[constraints.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            var domains = constraints[i].TopologyKey == SpreadConstraint.Hostname
                ? feasible.Count - ignored.Count
                : counts[i].Count;
            weights[i] = Math.Log(domains + 2);
        }

        return new SpreadScore { Constraints = constraints, Counts = counts, Weights = weights, Ignored = ignored };
    }

    private SpreadConstraint[] Defaults(PodInfo pod) => _siblings.Of(pod) is { } selector
        ?
        [
            new SpreadConstraint(SpreadConstraint.Hostname, 3, selector),
            new SpreadConstraint("topology.kubernetes.io/zone", 5, selector),
        ]
        : [];

    private static bool SameNamespace(PodInfo pod, ClusterEvent change) =>
        ((change.New ?? change.Old) as PodInfo)?.Namespace == pod.Namespace && !PodChangeIsIrrelevant(change);

    private static bool PodChangeIsIrrelevant(ClusterEvent change) =>
        change is { Old: PodInfo old, New: PodInfo now } && PodChange.SameLabels(old.Labels, now.Labels);
}
