namespace KubeLite.Scheduler.Framework;

/// <summary>Keeps a PreFilter's notes right while Pods are added to and taken from a node on trial.</summary>
internal interface IPreFilterExtensions : IPlugin
{
    /// <summary>A Pod was added to the node (sign 1) or removed from it (-1).</summary>
    void Changed(CycleState state, PodInfo pod, PodInfo other, NodeInfo node, int sign);
}
