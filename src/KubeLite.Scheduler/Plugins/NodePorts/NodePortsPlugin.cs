using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.NodePorts;

/// <summary>Leaves nodes alone on which a host port that the Pod wants is taken.</summary>
internal sealed class NodePortsPlugin : IPreFilterPlugin, IFilterPlugin, IEventInterested
{
    private const string PluginName = "NodePorts";

    private static readonly Status s_taken =
        Status.Unschedulable(PluginName, "node(s) didn't have free ports for the requested pod ports");

    private static readonly EventInterest[] s_events =
    [
        new(EventResource.AssignedPod, EventAction.Delete,
            (pod, change) => change.Old is PodInfo gone && Conflict(pod.HostPorts, gone.HostPorts)),
        new(EventResource.Node, EventAction.Add),
    ];

    /// <inheritdoc/>
    public string Name => PluginName;

    /// <inheritdoc/>
    public IReadOnlyList<EventInterest> Events => s_events;

    /// <inheritdoc/>
    public Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only)
    {
        only = null;
        return pod.HostPorts.Length == 0 ? Status.Skip : Status.Success;
    }

    /// <inheritdoc/>
    public Status Filter(CycleState state, PodInfo pod, NodeInfo node) =>
        Conflict(pod.HostPorts, node.UsedPorts) ? s_taken : Status.Success;

    private static bool Conflict(HostPort[] wanted, IReadOnlyList<HostPort> used)
    {
        foreach (var port in wanted)
        {
            for (var i = 0; i < used.Count; i++)
            {
                if (port.Conflicts(used[i]))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
