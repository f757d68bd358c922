namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point Reserve: notes that a Pod will be bound.</summary>
internal interface IReservePlugin : IPlugin
{
    /// <summary>Success or a rejection.</summary>
    Status Reserve(CycleState state, PodInfo pod, string node);

    /// <summary>Undoes <see cref="Reserve"/>; must be idempotent.</summary>
    void Unreserve(CycleState state, PodInfo pod, string node);
}
