using k8s.Models;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Matching;

/// <summary>A compiled term of inter-Pod affinity or anti-affinity. Immutable.</summary>
internal sealed class AffinityTerm
{
    private readonly HashSet<string> _namespaces;
    private readonly LabelMatcher? _namespaceSelector;
    private readonly LabelMatcher _selector;

    private AffinityTerm(V1PodAffinityTerm term, string podNamespace, int weight)
    {
        TopologyKey = term.TopologyKey;
        Weight = weight;
        _selector = LabelMatcher.Of(term.LabelSelector);
        _namespaceSelector = term.NamespaceSelector is null ? null : LabelMatcher.Of(term.NamespaceSelector);
        _namespaces = term.Namespaces is { Count: > 0 } names ? new(names, StringComparer.Ordinal) : new(StringComparer.Ordinal);
        if (_namespaces.Count == 0 && _namespaceSelector is null)
        {
            _namespaces.Add(podNamespace);
        }
    }

    /// <summary>The node label whose values are the domains.</summary>
    public string TopologyKey { get; }

    /// <summary>1 to 100 for a preferred term; 0 for a required one.</summary>
    public int Weight { get; }

    /// <summary>Compiles required terms.</summary>
    public static AffinityTerm[] Of(IList<V1PodAffinityTerm>? terms, string podNamespace)
    {
        if (terms is null || terms.Count == 0)
        {
            return [];
        }

        var result = new AffinityTerm[terms.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new AffinityTerm(terms[i], podNamespace, 0);
        }

        return result;
    }

    /// <summary>Compiles preferred terms.</summary>
    public static AffinityTerm[] Of(IList<V1WeightedPodAffinityTerm>? terms, string podNamespace)
    {
        if (terms is null || terms.Count == 0)
        {
            return [];
        }

        var result = new AffinityTerm[terms.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = new AffinityTerm(terms[i].PodAffinityTerm, podNamespace, terms[i].Weight);
        }

        return result;
    }

    /// <summary>Whether the term speaks of a Pod.</summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="namespaceLabels">The labels of the Pod's namespace, for terms that select namespaces.</param>
    public bool Matches(PodInfo pod, IDictionary<string, string>? namespaceLabels) =>
        (_namespaces.Contains(pod.Namespace)
            || (_namespaceSelector is not null && _namespaceSelector.Matches(namespaceLabels)))
        && _selector.Matches(pod.Labels);
}
