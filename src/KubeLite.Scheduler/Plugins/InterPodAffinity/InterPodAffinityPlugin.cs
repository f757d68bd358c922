using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.InterPodAffinity;

/// <summary>Honours affinity and anti-affinity between Pods, of the incoming Pod and of those that run.</summary>
internal sealed class InterPodAffinityPlugin(ClusterListers listers)
    : IPreFilterPlugin, IPreFilterExtensions, IFilterPlugin, IPreScorePlugin, IScorePlugin, IEventInterested
{
    private const string PluginName = "InterPodAffinity";

    // What a running Pod's required affinity term counts for, in favour of the incoming Pod (hardPodAffinityWeight).
    private const int HardWeight = 1;

    private static readonly Status s_existing =
        Status.Unschedulable(PluginName, "node(s) didn't satisfy existing pods anti-affinity rules");

    private static readonly Status s_affinity =
        Status.Unresolvable(PluginName, "node(s) didn't match pod affinity rules");

    private static readonly Status s_anti =
        Status.Unschedulable(PluginName, "node(s) didn't match pod anti-affinity rules");

    private static readonly StateKey<AffinityCounts> s_counts = new();
    private static readonly StateKey<AffinityScore> s_score = new();

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.AssignedPod, EventAction.Add | EventAction.Delete | EventAction.UpdatePodLabel),
        new(EventResource.Node, EventAction.Add | EventAction.UpdateNodeLabel),
        new(EventResource.Namespace, EventAction.Add | EventAction.Update),
        new(EventResource.TargetPod, EventAction.UpdatePodLabel),
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
        var counts = new AffinityCounts();
        var labels = nodes.WithRequiredAntiAffinity.Count > 0 ? NamespaceLabels(pod.Namespace) : null;
        foreach (var node in nodes.WithRequiredAntiAffinity)
        {
            foreach (var other in node.PodsWithRequiredAntiAffinity)
            {
                AddExisting(counts, pod, labels, other, node, 1);
            }
        }

        if (pod.RequiredAffinity.Length + pod.RequiredAntiAffinity.Length > 0)
        {
            foreach (var node in nodes.All)
            {
                foreach (var other in node.Pods)
                {
                    AddIncoming(counts, pod, other, node, 1);
                }
            }
        }
        else if (counts.Existing.IsEmpty)
        {
            return Status.Skip;
        }

        state.Write(s_counts, counts);
        return Status.Success;
    }

    /// <inheritdoc/>
    public void Changed(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (state.Read(s_counts) is not { } counts)
        {
            return;
        }

        AddExisting(counts, pod, NamespaceLabels(pod.Namespace), other, node, sign);
        AddIncoming(counts, pod, other, node, sign);
    }

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node)
    {
        var counts = state.Read(s_counts)!;
        if (!AffinityHolds(counts, pod, node))
        {
            return s_affinity;
        }

        foreach (var term in pod.RequiredAntiAffinity)
        {
            if (node.Label(term.TopologyKey) is { } value && counts.Anti.Of(term.TopologyKey, value) > 0)
            {
                return s_anti;
            }
        }

        return !counts.Existing.IsEmpty && counts.Existing.AnyOn(node) ? s_existing : Status.Success;
    }

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible)
    {
        var prefers = pod.PreferredAffinity.Length + pod.PreferredAntiAffinity.Length > 0;
        if (!prefers && nodes.WithAffinity.Count == 0)
        {
            return Status.Skip;
        }

        var sums = new TopologyCounts();
        var labels = NamespaceLabels(pod.Namespace);
        if (prefers)
        {
            foreach (var node in nodes.All)
            {
                foreach (var other in node.Pods)
                {
                    AddPreferences(sums, pod, labels, other, node);
                }
            }
        }
        else
        {
            foreach (var node in nodes.WithAffinity)
            {
                foreach (var other in node.PodsWithAffinity)
                {
                    AddPreferences(sums, pod, labels, other, node);
                }
            }
        }

        if (sums.IsEmpty)
        {
            return Status.Skip;
        }

        state.Write(s_score, new AffinityScore(sums));
        return Status.Success;
    }

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node) => state.Read(s_score)!.Sums.Total(node);

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores)
    {
        var min = long.MaxValue;
        var max = long.MinValue;
        foreach (var score in scores)
        {
            min = Math.Min(min, score);
            max = Math.Max(max, score);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = max > min ? (long)(IScorePlugin.MaxScore * ((double)(scores[i] - min) / (max - min))) : 0;
        }
    }

    private static void AddExisting(
        AffinityCounts counts, PodInfo pod, IDictionary<string, string>? labels, PodInfo other, NodeInfo node, int sign)
    {
        foreach (var term in other.RequiredAntiAffinity)
        {
            if (term.Matches(pod, labels))
            {
                counts.Existing.Add(node, term.TopologyKey, sign);
            }
        }
    }

    private void AddIncoming(AffinityCounts counts, PodInfo pod, PodInfo other, NodeInfo node, int sign)
    {
        if (pod.RequiredAffinity.Length > 0 && MatchesAll(pod.RequiredAffinity, other))
        {
            foreach (var term in pod.RequiredAffinity)
            {
                counts.Affinity.Add(node, term.TopologyKey, sign);
            }
        }

        foreach (var term in pod.RequiredAntiAffinity)
        {
            if (term.Matches(other, NamespaceLabels(other.Namespace)))
            {
                counts.Anti.Add(node, term.TopologyKey, sign);
            }
        }
    }

    private bool AffinityHolds(AffinityCounts counts, PodInfo pod, NodeInfo node)
    {
        var satisfied = true;
        foreach (var term in pod.RequiredAffinity)
        {
            if (node.Label(term.TopologyKey) is not { } value)
            {
                return false;
            }

            satisfied &= counts.Affinity.Of(term.TopologyKey, value) > 0;
        }

        // The first of a group of Pods with affinity to each other may go anywhere.
        return satisfied || (counts.Affinity.IsEmpty && MatchesAll(pod.RequiredAffinity, pod));
    }

    private void AddPreferences(
        TopologyCounts sums, PodInfo pod, IDictionary<string, string>? labels, PodInfo other, NodeInfo node)
    {
        foreach (var term in pod.PreferredAffinity)
        {
            AddIfMatching(sums, term, other, NamespaceLabels(other.Namespace), node, term.Weight);
        }

        foreach (var term in pod.PreferredAntiAffinity)
        {
            AddIfMatching(sums, term, other, NamespaceLabels(other.Namespace), node, -term.Weight);
        }

        foreach (var term in other.RequiredAffinity)
        {
            AddIfMatching(sums, term, pod, labels, node, HardWeight);
        }

        foreach (var term in other.PreferredAffinity)
        {
            AddIfMatching(sums, term, pod, labels, node, term.Weight);
        }

        foreach (var term in other.PreferredAntiAffinity)
        {
            AddIfMatching(sums, term, pod, labels, node, -term.Weight);
        }
    }

    private static void AddIfMatching(
        TopologyCounts sums, AffinityTerm term, PodInfo pod, IDictionary<string, string>? labels, NodeInfo node, int weight)
    {
        if (term.Matches(pod, labels))
        {
            sums.Add(node, term.TopologyKey, weight);
        }
    }

    private bool MatchesAll(AffinityTerm[] terms, PodInfo pod)
    {
        foreach (var term in terms)
        {
            if (!term.Matches(pod, NamespaceLabels(pod.Namespace)))
            {
                return false;
            }
        }

        return terms.Length > 0;
    }

    private IDictionary<string, string>? NamespaceLabels(string ns) => listers.Namespaces.Find("", ns)?.Metadata.Labels;
}
