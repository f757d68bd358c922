using System.Runtime.InteropServices;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.InterPodAffinity;

/// <summary>Sums by topology key and value.</summary>
internal sealed class TopologyCounts
{
    private readonly Dictionary<(string Key, string Value), long> _counts = [];

    /// <summary>Makes empty sums.</summary>
    public TopologyCounts()
    {
    }

    private TopologyCounts(TopologyCounts other) => _counts = new(other._counts);

    /// <summary>Whether no domain has a sum.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>Adds to the domain of a node; nothing when it lacks the label.</summary>
    public void Add(NodeInfo node, string key, long amount)
    {
        if (node.Label(key) is not { } value)
        {
            return;
        }

        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, (key, value), out _);
        sum += amount;
        if (sum == 0)
        {
            _counts.Remove((key, value));
        }
    }

    /// <summary>The sum of a domain.</summary>
    public long Of(string key, string value) => _counts.GetValueOrDefault((key, value));

    /// <summary>The total over all the domains that a node belongs to.</summary>
    public long Total(NodeInfo node)
    {
        long total = 0;
        if (node.Labels is not { } labels)
        {
            return 0;
        }

        // Sums are by few keys, so walking the node's labels costs less than walking the sums.
        foreach (var (key, value) in labels)
        {
            total += _counts.GetValueOrDefault((key, value));
        }

        return total;
    }

    /// <summary>Whether any of the domains that a node belongs to has a positive sum.</summary>
    public bool AnyOn(NodeInfo node)
    {
        if (node.Labels is not { } labels)
        {
            return false;
        }

        foreach (var (key, value) in labels)
        {
            if (_counts.GetValueOrDefault((key, value)) > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A copy.</summary>
    public TopologyCounts Clone() => new(this);
}
