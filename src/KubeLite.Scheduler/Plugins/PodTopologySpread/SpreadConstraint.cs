using k8s.Models;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.PodTopologySpread;

/// <summary>A compiled topology spread constraint.</summary>
internal sealed class SpreadConstraint
{
    /// <summary>The label whose values are single nodes.</summary>
    public const string Hostname = "kubernetes.io/hostname";

    private readonly bool _honorAffinity;
    private readonly bool _honorTaints;

    /// <summary>Makes a constraint of the cluster's own, which ignores nothing.</summary>
    public SpreadConstraint(string topologyKey, int maxSkew, LabelMatcher selector)
    {
        TopologyKey = topologyKey;
        MaxSkew = maxSkew;
        MinDomains = 1;
        Selector = selector;
        _honorAffinity = true;
    }

    private SpreadConstraint(V1TopologySpreadConstraint constraint, IDictionary<string, string>? podLabels)
    {
        TopologyKey = constraint.TopologyKey;
        MaxSkew = constraint.MaxSkew;
        MinDomains = constraint.MinDomains ?? 1;
        _honorAffinity = constraint.NodeAffinityPolicy != "Ignore";
        _honorTaints = constraint.NodeTaintsPolicy == "Honor";
        var selector = LabelMatcher.Of(constraint.LabelSelector);
        foreach (var key in constraint.MatchLabelKeys ?? [])
        {
            if (podLabels is not null && podLabels.TryGetValue(key, out var value))
            {
                selector = selector.And(key, value);
            }
        }

        Selector = selector;
    }

    /// <summary>The node label whose values are the domains.</summary>
    public string TopologyKey { get; }

    /// <summary>How far the fullest and the emptiest domain may be apart.</summary>
    public int MaxSkew { get; }

    /// <summary>With fewer domains than this the emptiest counts as empty; 1 by default.</summary>
    public int MinDomains { get; }

    /// <summary>Which Pods are counted.</summary>
    public LabelMatcher Selector { get; }

    /// <summary>Compiles the constraints of a Pod that have the given consequence.</summary>
    public static SpreadConstraint[] Of(PodInfo pod, string whenUnsatisfiable)
    {
        if (pod.Pod.Spec.TopologySpreadConstraints is not { Count: > 0 } constraints)
        {
            return [];
        }

        var result = new List<SpreadConstraint>(constraints.Count);
        foreach (var constraint in constraints)
        {
            if (constraint.WhenUnsatisfiable == whenUnsatisfiable)
            {
                result.Add(new SpreadConstraint(constraint, pod.Labels));
            }
        }

        return [.. result];
    }

    /// <summary>Whether a node's Pods and domain count.</summary>
    public bool Counts(PodInfo pod, NodeInfo node) =>
        (!_honorAffinity || pod.AcceptsNode(node.Node!))
        && (!_honorTaints || Tolerations.FirstUntolerated(node.Taints, pod.Tolerations) is null);

    /// <summary>How many Pods of a node match and are of the namespace and not being deleted.</summary>
    public int CountPods(NodeInfo node, string ns)
    {
        if (Selector.IsEmpty && node.Pods.Count == 0)
        {
            return 0;
        }

        var count = 0;
        foreach (var pod in node.Pods)
        {
            if (!pod.IsTerminating && pod.Namespace == ns && Selector.Matches(pod.Labels))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>Whether the node carries the label of every constraint.</summary>
    public static bool AllKeysOn(NodeInfo node, SpreadConstraint[] constraints)
    {
        foreach (var constraint in constraints)
        {
            if (node.Label(constraint.TopologyKey) is null)
            {
                return false;
            }
        }

        return true;
    }
}
