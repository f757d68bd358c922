using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Cycle;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DynamicResources;

/// <summary>
/// Holds the place of dynamic resource allocation: Pods without resource claims pass, Pods with claims are refused. It says
/// what Kubernetes' plugin says of a Pod without claims that fits nowhere.
/// </summary>
internal sealed class DynamicResourcesPlugin : IPreFilterPlugin, IPostFilterPlugin, IEventInterested
{
    private const string PluginName = "DynamicResources";

    private static readonly StateKey<Seen> s_seen = new();
    private static readonly Status s_unsupported =
        Status.Unresolvable(PluginName, "resource claims are not supported by this scheduler");

    private static readonly Status s_nothing = Status.Unschedulable(PluginName, "no new claims to deallocate");
    private static readonly Status s_notFound = Status.Error(PluginName, "not found");

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => [];

    /// <inheritdoc/>
    public Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only)
    {
        only = null;
        state.Write(s_seen, Seen.Instance);
        return pod.Pod.Spec.ResourceClaims is { Count: > 0 } ? s_unsupported : Status.Skip;
    }

    /// <inheritdoc/>
    /// <remarks>An earlier PreFilter that rejects the Pod ends in "not found", as in Kubernetes.</remarks>
    public Status PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, out string? nominatedNode)
    {
        nominatedNode = null;
        return state.Read(s_seen) is null ? s_notFound : s_nothing;
    }

    private sealed class Seen : ICycleData
    {
        public static readonly Seen Instance = new();

        public ICycleData Clone() => this;
    }
}
