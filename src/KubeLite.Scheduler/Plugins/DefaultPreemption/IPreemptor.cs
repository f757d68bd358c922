using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.DefaultPreemption;

/// <summary>Carries out what preemption decided.</summary>
internal interface IPreemptor
{
    /// <summary>Whether the victims of a Pod are being removed right now, so that it must not be tried meanwhile.</summary>
    bool IsPreempting(string uid);

    /// <summary>Begins to remove the victims in the background.</summary>
    /// <param name="pod">The Pod that needs the room.</param>
    /// <param name="candidate">The node and the victims.</param>
    /// <param name="lesser">Pods of lower priority that were nominated to the node and lose that.</param>
    void Begin(PodInfo pod, Candidate candidate, IReadOnlyList<PodInfo> lesser);
}
