using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.DaemonSets;

/// <summary>One look at one DaemonSet: which nodes lack a Pod, which Pods are in the way, what its status is.</summary>
internal sealed class DaemonPlan
{
    private readonly V1DaemonSet _set;
    private readonly IReadOnlyList<V1Node> _nodes;
    private readonly Dictionary<string, List<V1Pod>> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (bool Run, bool Stay)> _wants = new(StringComparer.Ordinal);
    private readonly string _hash;
    private readonly DateTime _now;

    internal DaemonPlan(V1DaemonSet set, IReadOnlyList<V1Node> nodes, List<V1Pod> pods, string hash, DateTime now)
    {
        _set = set;
        _nodes = nodes;
        _hash = hash;
        _now = now;
        foreach (var node in nodes)
        {
            _wants[node.Metadata.Name] = DaemonPods.Wants(set, node);
        }
        foreach (var pod in pods)
        {
            if (DaemonPods.NodeOf(pod) is { } node)
            {
                if (!_byNode.TryGetValue(node, out var on))
                {
                    _byNode.Add(node, on = []);
                }
                on.Add(pod);
            }
        }
    }

    /// <summary>Names of nodes that get a Pod.</summary>
    internal List<string> Create { get; } = [];

    internal List<V1Pod> Delete { get; } = [];

    internal bool HasWork { get; private set; }

    internal TimeSpan? NextCheck { get; private set; }

    /// <summary>Plans what is missing and what is too much, regardless of revisions.</summary>
    internal void FillIn(FailedPodBackoff backoff, IEventRecorder events)
    {
        foreach (var node in _nodes)
        {
            var name = node.Metadata.Name;
            var (run, stay) = _wants[name];
            var pods = _byNode.GetValueOrDefault(name) ?? [];
            if (run && pods.Count == 0)
            {
                Create.Add(name);
            }
            else if (stay)
            {
                Tidy(name, pods, backoff, events);
            }
            else
            {
                Delete.AddRange(pods.FindAll(p => p.Metadata.DeletionTimestamp is null));
            }
        }
        // Pods for nodes that are gone and that no node will ever take; those on one are the Pod collector's.
        foreach (var (node, pods) in _byNode)
        {
            if (!_wants.ContainsKey(node))
            {
                Delete.AddRange(pods.FindAll(p => string.IsNullOrEmpty(p.Spec.NodeName) && p.Metadata.DeletionTimestamp is null));
            }
        }
        HasWork = Create.Count > 0 || Delete.Count > 0;
    }

    /// <summary>Plans the next step of a rolling update, within its surge and unavailability.</summary>
    internal void RollOut()
    {
        var desired = _wants.Values.Count(w => w.Run);
        var rolling = _set.Spec.UpdateStrategy?.RollingUpdate;
        var surge = IntOrPercent.Resolve(rolling?.MaxSurge, desired, roundUp: true, 0);
        var unavailable = IntOrPercent.Resolve(rolling?.MaxUnavailable, desired, roundUp: true, 1);
        if (surge == 0 && unavailable == 0)
        {
            unavailable = 1;
        }
        if (surge == 0)
        {
            Replace(unavailable);
        }
        else
        {
            Surge(surge);
        }
    }

    internal V1DaemonSetStatus Status()
    {
        var (desired, current, misplaced, ready, updated, available) = (0, 0, 0, 0, 0, 0);
        foreach (var node in _nodes)
        {
            var run = _wants[node.Metadata.Name].Run;
            var pods = _byNode.GetValueOrDefault(node.Metadata.Name) ?? [];
            if (!run)
            {
                misplaced += pods.Count > 0 ? 1 : 0;
                continue;
            }
            desired++;
            if (pods.Count == 0)
            {
                continue;
            }
            current++;
            var newest = pods.MinBy(p => p.Metadata.CreationTimestamp)!;
            if (PodConditions.IsReady(newest))
            {
                ready++;
                available += PodConditions.IsAvailable(newest, _set.Spec.MinReadySeconds ?? 0, _now) ? 1 : 0;
                CheckAvailability(newest);
            }
            updated += DaemonPods.IsUpdated(_set, newest, _hash) ? 1 : 0;
        }
        return new V1DaemonSetStatus
        {
            DesiredNumberScheduled = desired,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misplaced,
            NumberReady = ready,
            UpdatedNumberScheduled = Counts.OrNull(updated),
            NumberAvailable = Counts.OrNull(available),
            NumberUnavailable = Counts.OrNull(desired - available),
            ObservedGeneration = _set.Metadata.Generation,
        };
    }

    // Of several Pods on a node the oldest that runs stays; while surging one of each revision may.
    private void Tidy(string node, List<V1Pod> pods, FailedPodBackoff backoff, IEventRecorder events)
    {
        var running = new List<V1Pod>();
        foreach (var pod in pods.Where(p => p.Metadata.DeletionTimestamp is null))
        {
            if (pod.Status?.Phase is not ("Failed" or "Succeeded"))
            {
                running.Add(pod);
                continue;
            }
            var failed = pod.Status.Phase == "Failed";
            if (failed && backoff.Left($"{_set.Metadata.Uid}/{_set.Status?.ObservedGeneration}/{node}") is var left && left > TimeSpan.Zero)
            {
                NextCheck = NextCheck is { } earlier && earlier < left ? earlier : left;
                continue;
            }
            events.Record(_set, failed ? "Warning" : "Normal", failed ? "FailedDaemonPod" : "SucceededDaemonPod",
                $"Found {(failed ? "failed" : "succeeded")} daemon pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} " +
                    $"on node {node}, will try to {(failed ? "kill" : "delete")} it");
            Delete.Add(pod);
        }
        if (running.Count <= 1)
        {
            return;
        }
        running.Sort(static (a, b) => Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp));
        var surging = IntOrPercent.Resolve(_set.Spec.UpdateStrategy?.RollingUpdate?.MaxSurge, 100, roundUp: true, 0) > 0;
        var kept = running[0];
        foreach (var pod in running.Skip(1))
        {
            var another = DaemonPods.IsUpdated(_set, pod, _hash) && !DaemonPods.IsUpdated(_set, kept, _hash);
            if (surging && another && !PodConditions.IsAvailable(pod, _set.Spec.MinReadySeconds ?? 0, _now))
            {
                continue;
            }
            Delete.Add(surging && another ? kept : pod);
        }
    }

    private void Replace(int unavailable)
    {
        var candidates = new List<V1Pod>();
        var spent = 0;
        foreach (var (name, (run, _)) in _wants)
        {
            if (!run)
            {
                continue;
            }
            var pods = _byNode.GetValueOrDefault(name) ?? [];
            var current = pods.Find(p => p.Metadata.DeletionTimestamp is null);
            if (current is null)
            {
                spent++;
                continue;
            }
            var available = PodConditions.IsAvailable(current, _set.Spec.MinReadySeconds ?? 0, _now);
            spent += available ? 0 : 1;
            if (DaemonPods.IsUpdated(_set, current, _hash))
            {
                continue;
            }
            if (available)
            {
                candidates.Add(current);
            }
            else
            {
                // Replacing what doesn't work anyway costs nothing.
                Delete.Add(current);
            }
        }
        Delete.AddRange(candidates.Take(Math.Max(0, unavailable - spent)));
    }

    private void Surge(int surge)
    {
        var spent = 0;
        var candidates = new List<string>();
        foreach (var (name, (run, _)) in _wants)
        {
            if (!run)
            {
                continue;
            }
            var pods = (_byNode.GetValueOrDefault(name) ?? []).FindAll(p => p.Metadata.DeletionTimestamp is null);
            var old = pods.Find(p => !DaemonPods.IsUpdated(_set, p, _hash));
            var updated = pods.Find(p => DaemonPods.IsUpdated(_set, p, _hash));
            if (old is null)
            {
                continue;
            }
            if (updated is null)
            {
                candidates.Add(name);
            }
            else if (PodConditions.IsAvailable(updated, _set.Spec.MinReadySeconds ?? 0, _now))
            {
                Delete.Add(old);
            }
            else
            {
                spent++;
            }
        }
        Create.AddRange(candidates.Take(Math.Max(0, surge - spent)));
    }

    private void CheckAvailability(V1Pod pod)
    {
        if (_set.Spec.MinReadySeconds is > 0 and var seconds && PodConditions.Find(pod, "Ready")?.LastTransitionTime is { } since)
        {
            var left = since.AddSeconds(seconds) - _now;
            if (left > TimeSpan.Zero && (NextCheck is null || left < NextCheck))
            {
                NextCheck = left + TimeSpan.FromMilliseconds(50);
            }
        }
    }
}
