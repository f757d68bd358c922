using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.InterPodAffinity;

/// <summary>What PreScore counted for preferred terms.</summary>
internal sealed class AffinityScore(TopologyCounts sums) : ICycleData
{
    /// <summary>Weights by domain.</summary>
    public TopologyCounts Sums => sums;

    /// <inheritdoc/>
    public ICycleData Clone() => this;
}
