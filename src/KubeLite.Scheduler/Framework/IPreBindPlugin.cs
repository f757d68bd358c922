namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PreBind: work before a Pod is bound. Runs outside the scheduling loop, for many Pods at once.</summary>
internal interface IPreBindPlugin : IPlugin
{
    /// <summary>Success or an error.</summary>
    ValueTask<Status> PreBindAsync(CycleState state, PodInfo pod, string node, CancellationToken cancellationToken);
}
