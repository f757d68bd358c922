using KubeLite.Scheduler.Cache;

namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PreScore: looks at the feasible nodes once before they are scored.</summary>
internal interface IPreScorePlugin : IPlugin
{
    /// <summary>Success, or Skip, which leaves out the plugin's Score.</summary>
    Status PreScore(CycleState state, PodInfo pod, ClusterNodes nodes, IReadOnlyList<NodeInfo> feasible);
}
