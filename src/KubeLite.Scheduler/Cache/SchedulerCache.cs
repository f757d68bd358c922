using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cache;

/// <summary>
/// The Pods on nodes: those that the API server says are bound, and those that are assumed to be because a binding is under
/// way. Belongs to the scheduling loop, so a cycle needs neither lock nor copy.
/// </summary>
internal sealed class SchedulerCache
{
    private readonly Dictionary<string, Placed> _pods = new(StringComparer.Ordinal);

    /// <summary>The nodes with their Pods.</summary>
    public ClusterNodes Nodes { get; } = new();

    /// <summary>How many Pods are placed, assumed ones included.</summary>
    public int PodCount => _pods.Count;

    /// <summary>Puts a Pod on a node before the API server has confirmed it.</summary>
    public void Assume(PodInfo pod, string node)
    {
        _pods[pod.Uid] = new Placed(pod, node, Assumed: true);
        Nodes.AddPod(node, pod);
    }

    /// <summary>Takes an assumed Pod back; nothing when the API server has confirmed it meanwhile.</summary>
    public bool Forget(PodInfo pod)
    {
        if (!_pods.TryGetValue(pod.Uid, out var placed) || !placed.Assumed)
        {
            return false;
        }

        Remove(pod.Uid);
        return true;
    }

    /// <summary>Whether a Pod is assumed and not yet confirmed.</summary>
    public bool IsAssumed(string uid) => _pods.TryGetValue(uid, out var placed) && placed.Assumed;

    /// <summary>The API server says that a Pod is on a node, or has changed there.</summary>
    public void Set(PodInfo pod)
    {
        var node = pod.Pod.Spec.NodeName;
        if (_pods.Remove(pod.Uid, out var placed))
        {
            Nodes.RemovePod(placed.Node, pod.Uid);
        }

        _pods[pod.Uid] = new Placed(pod, node, Assumed: false);
        Nodes.AddPod(node, pod);
    }

    /// <summary>The Pod is gone or has ended; false when it was not on a node.</summary>
    public bool Remove(string uid)
    {
        if (!_pods.Remove(uid, out var placed))
        {
            return false;
        }

        Nodes.RemovePod(placed.Node, uid);
        return true;
    }

    private readonly record struct Placed(PodInfo Pod, string Node, bool Assumed);
}
