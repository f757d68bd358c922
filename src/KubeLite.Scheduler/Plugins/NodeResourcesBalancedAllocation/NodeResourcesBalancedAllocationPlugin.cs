using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.NodeResourcesBalancedAllocation;

/// <summary>Prefers nodes on which CPU and memory would be used to a like degree.</summary>
internal sealed class NodeResourcesBalancedAllocationPlugin : IPreScorePlugin, IScorePlugin
{
    /// <inheritdoc/>
    public string Name => "NodeResourcesBalancedAllocation";

    /// <inheritdoc/>
    public int Weight => 1;

    /// <inheritdoc/>
    public Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible) =>
        pod.Requests is { MilliCpu: 0, Memory: 0 } ? Status.Skip : Status.Success;

    /// <inheritdoc/>
    public long Score(CycleState state, PodInfo pod, NodeInfo node)
    {
        var offer = node.Allocatable;
        if (offer.MilliCpu == 0 || offer.Memory == 0)
        {
            return IScorePlugin.MaxScore;
        }

        var cpu = Math.Min(1, (double)(node.Requested.MilliCpu + pod.Requests.MilliCpu) / offer.MilliCpu);
        var memory = Math.Min(1, (double)(node.Requested.Memory + pod.Requests.Memory) / offer.Memory);

        // The standard deviation of two fractions is half their distance.
        return (long)((1 - (Math.Abs(cpu - memory) / 2)) * IScorePlugin.MaxScore);
    }

    /// <inheritdoc/>
    public void Normalize(CycleState state, PodInfo pod, IReadOnlyList<NodeInfo> nodes, Span<long> scores)
    {
    }
}
