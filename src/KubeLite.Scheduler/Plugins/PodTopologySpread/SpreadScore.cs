using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.PodTopologySpread;

/// <summary>What PreScore found out about the soft constraints of a Pod.</summary>
internal sealed class SpreadScore : ICycleData
{
    /// <summary>The soft constraints.</summary>
    public required SpreadConstraint[] Constraints { get; init; }

    /// <summary>Matching Pods by domain, by constraint; those by host are counted when a node is scored.</summary>
    public required Dictionary<string, int>[] Counts { get; init; }

    /// <summary>How much a Pod weighs, by constraint: more where there are more domains.</summary>
    public required double[] Weights { get; init; }

    /// <summary>Feasible nodes that lack a label and get no score.</summary>
    public required HashSet<NodeInfo> Ignored { get; init; }

    /// <inheritdoc/>
    public ICycleData Clone() => this;
}
