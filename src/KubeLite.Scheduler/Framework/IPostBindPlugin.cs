namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PostBind: a Pod was bound. Runs in the scheduling loop.</summary>
internal interface IPostBindPlugin : IPlugin
{
    /// <summary>Called once for each Pod that was bound.</summary>
    void PostBind(CycleState state, PodInfo pod, string node);
}
