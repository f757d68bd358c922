using KubeLite.Scheduler.Cache;

namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PreFilter: looks at the whole cluster once a cycle.</summary>
internal interface IPreFilterPlugin : IPlugin
{
    /// <summary>
    /// Success, Skip (which also leaves out the plugin's Filter), or a rejection of the Pod on every node.
    /// </summary>
    /// <param name="state">Notes for the later extension points.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="nodes">The nodes of this cycle.</param>
    /// <param name="only">The names of the only nodes that need be looked at; null for all.</param>
    Status PreFilter(CycleState state, PodInfo pod, ClusterNodes nodes, out HashSet<string>? only);
}
