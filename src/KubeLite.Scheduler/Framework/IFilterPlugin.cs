namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point Filter: whether a node can take the Pod. A hot path: no allocation on success.</summary>
internal interface IFilterPlugin : IPlugin
{
    /// <summary>Success or a rejection; <see cref="NodeInfo.Node"/> is not null.</summary>
    Status Filter(CycleState state, PodInfo pod, NodeInfo node);
}
