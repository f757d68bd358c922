using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Queue;

namespace KubeLite.Scheduler.Cycle;

/// <summary>Brings changes of Pods and Nodes into cache and queue. Belongs to the scheduling loop.</summary>
internal sealed class ClusterChanges(
    SchedulerCache cache, SchedulingQueue queue, Nominations nominations, string schedulerName)
{
    // Pods as they were last seen, so that a change can be told from none.
    private readonly Dictionary<string, PodInfo> _pods = new(StringComparer.Ordinal);

    /// <summary>A Pod came or changed.</summary>
    public void PodChanged(V1Pod pod)
    {
        if (PodConditions.IsTerminal(pod))
        {
            PodDeleted(pod);
            return;
        }

        var info = new PodInfo(pod);
        _pods.TryGetValue(info.Uid, out var old);
        if (!string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            _pods[info.Uid] = info;
            Assigned(info, old);
        }
        else if (pod.Spec.SchedulerName == schedulerName || (pod.Spec.SchedulerName is null && schedulerName == "default-scheduler"))
        {
            _pods[info.Uid] = info;
            Waiting(info);
        }
    }

    /// <summary>A Pod is gone or has ended.</summary>
    public void PodDeleted(V1Pod pod)
    {
        var uid = pod.Metadata.Uid;
        queue.Remove(uid);
        var nominated = nominations.Of(uid) is not null;
        nominations.Remove(uid);
        var placed = cache.Remove(uid);
        _pods.Remove(uid, out var old);
        if (placed || nominated)
        {
            queue.Happened(new ClusterEvent(EventResource.AssignedPod, EventAction.Delete, old ?? new PodInfo(pod), null));
        }
    }

    /// <summary>A Node came or changed.</summary>
    public void NodeChanged(V1Node node)
    {
        var old = cache.Nodes.Find(node.Metadata.Name)?.Node;
        cache.Nodes.Set(node);
        var action = old is null ? EventAction.Add : NodeChange.Of(old, node);
        if (action != EventAction.None)
        {
            queue.Happened(new ClusterEvent(EventResource.Node, action, old, node));
        }
    }

    /// <summary>A Node is gone.</summary>
    public void NodeDeleted(V1Node node)
    {
        cache.Nodes.Remove(node.Metadata.Name);
        queue.Happened(new ClusterEvent(EventResource.Node, EventAction.Delete, node, null));
    }

    private void Assigned(PodInfo pod, PodInfo? old)
    {
        var known = old is not null && !string.IsNullOrEmpty(old.Pod.Spec.NodeName);
        queue.Remove(pod.Uid);
        nominations.Remove(pod.Uid);
        cache.Set(pod);
        var action = known ? PodChange.Of(old!, pod) & (EventAction.UpdatePodLabel | EventAction.UpdatePodScaleDown) : EventAction.Add;
        if (known && pod.IsTerminating && !old!.IsTerminating)
        {
            // Spreading does not count Pods that are leaving.
            action |= EventAction.UpdatePodLabel;
        }

        if (action != EventAction.None)
        {
            queue.Happened(new ClusterEvent(EventResource.AssignedPod, action, known ? old : null, pod));
        }
    }

    private void Waiting(PodInfo pod)
    {
        if (cache.IsAssumed(pod.Uid))
        {
            return;
        }

        nominations.Set(pod, pod.Pod.Status?.NominatedNodeName is { Length: > 0 } node ? node : nominations.Of(pod.Uid));
        queue.Update(pod);
    }
}
