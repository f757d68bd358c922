using KubeLite.Scheduler.Cycle;

namespace KubeLite.Scheduler.Framework;

/// <summary>Extension point PostFilter: called when no node can take the Pod.</summary>
internal interface IPostFilterPlugin : IPlugin
{
    /// <summary>
    /// Success when the Pod may fit later on <paramref name="nominatedNode"/>; a rejection otherwise.
    /// </summary>
    /// <param name="state">The notes of the cycle.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="diagnosis">Why each node was rejected.</param>
    /// <param name="nominatedNode">A node's name; empty to clear an old nomination; null to leave it as it is.</param>
    Status PostFilter(CycleState state, PodInfo pod, Diagnosis diagnosis, out string? nominatedNode);
}
