namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point Bind: binds a Pod. Runs outside the scheduling loop, for many Pods at once.</summary>
internal interface IBindPlugin : IPlugin
{
    /// <summary>Success, an error, or Skip to let the next plugin try.</summary>
    ValueTask<Status> BindAsync(CycleState state, PodInfo pod, string node, CancellationToken cancellationToken);
}
