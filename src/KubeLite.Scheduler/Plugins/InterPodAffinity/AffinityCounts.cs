using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.InterPodAffinity;

/// <summary>What PreFilter counted for required affinity and anti-affinity.</summary>
internal sealed class AffinityCounts : ICycleData
{
    /// <summary>Terms of Pods on nodes that forbid the incoming Pod.</summary>
    public TopologyCounts Existing { get; private init; } = new();

    /// <summary>Pods on nodes that match all required affinity terms of the incoming Pod.</summary>
    public TopologyCounts Affinity { get; private init; } = new();

    /// <summary>Pods on nodes that match a required anti-affinity term of the incoming Pod.</summary>
    public TopologyCounts Anti { get; private init; } = new();

    /// <inheritdoc/>
    public ICycleData Clone() => new AffinityCounts
    {
        Existing = Existing.Clone(),
        Affinity = Affinity.Clone(),
        Anti = Anti.Clone(),
    };
}
