using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Plugins.DefaultBinder;
using KubeLite.Scheduler.Plugins.DefaultPreemption;
using KubeLite.Scheduler.Plugins.DynamicResources;
using KubeLite.Scheduler.Plugins.ImageLocality;
using KubeLite.Scheduler.Plugins.InterPodAffinity;
using KubeLite.Scheduler.Plugins.NodeAffinity;
using KubeLite.Scheduler.Plugins.NodeName;
using KubeLite.Scheduler.Plugins.NodePorts;
using KubeLite.Scheduler.Plugins.NodeResourcesBalancedAllocation;
using KubeLite.Scheduler.Plugins.NodeResourcesFit;
using KubeLite.Scheduler.Plugins.NodeUnschedulable;
using KubeLite.Scheduler.Plugins.PodTopologySpread;
using KubeLite.Scheduler.Plugins.PrioritySort;
using KubeLite.Scheduler.Plugins.SchedulingGates;
using KubeLite.Scheduler.Plugins.TaintToleration;
using KubeLite.Scheduler.Plugins.VolumeBinding;

namespace KubeLite.Scheduler.Plugins;

/// <summary>The plugins of the default profile, in Kubernetes' order, which decides which rejection a user reads.</summary>
internal static class DefaultPlugins
{
    /// <summary>Makes them.</summary>
    public static IReadOnlyList<IPlugin> Create(
        ClusterListers listers,
        ClusterNodes nodes,
        VolumeBindingPlugin volumes,
        IPreemptor preemptor,
        IPodBinder binder,
        Random random) =>
    [
        new SchedulingGatesPlugin(),
        new PrioritySortPlugin(),
        new NodeUnschedulablePlugin(),
        new NodeNamePlugin(),
        new TaintTolerationPlugin(),
        new NodeAffinityPlugin(),
        new NodePortsPlugin(),
        new NodeResourcesFitPlugin(),
        volumes,
        new PodTopologySpreadPlugin(listers),
        new InterPodAffinityPlugin(listers),
        new DynamicResourcesPlugin(),
        new DefaultPreemptionPlugin(listers, preemptor, nodes, random),
        new NodeResourcesBalancedAllocationPlugin(),
        new ImageLocalityPlugin(),
        new DefaultBinderPlugin(binder),
    ];
}
