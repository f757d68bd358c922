namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PreEnqueue: may keep a Pod out of the active queue.</summary>
internal interface IPreEnqueuePlugin : IPlugin
{
    /// <summary>Success lets the Pod in.</summary>
    Status PreEnqueue(PodInfo pod);
}
