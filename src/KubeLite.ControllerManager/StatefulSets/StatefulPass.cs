using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Revisions;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.StatefulSets;

/// <summary>One pass over one StatefulSet: creates, scales away and replaces members, as many at once as the set allows.</summary>
internal sealed class StatefulPass
{
    private readonly V1StatefulSet _set;
    private readonly List<V1Pod> _pods;
    private readonly V1Pod?[] _replicas;
    private readonly List<V1Pod> _condemned;
    private readonly V1ControllerRevision _current;
    private readonly V1ControllerRevision _update;
    private readonly DateTime _now;
    private readonly StatefulMembers _members;
    private readonly bool _ordered;
    private readonly int _start;

    internal StatefulPass(
        V1StatefulSet set, List<V1Pod> pods, V1ControllerRevision current, V1ControllerRevision update, DateTime now,
        StatefulMembers members)
    {
        _set = set;
        _pods = pods;
        _current = current;
        _update = update;
        _now = now;
        _members = members;
        _ordered = set.Spec.PodManagementPolicy != "Parallel";
        _start = StatefulPods.Start(set);
        _replicas = new V1Pod?[StatefulPods.Replicas(set)];
        _condemned = [];
        foreach (var pod in pods)
        {
            var slot = StatefulPods.Ordinal(set, pod.Metadata.Name) - _start;
            if (slot >= 0 && slot < _replicas.Length)
            {
                _replicas[slot] = pod;
            }
            else
            {
                _condemned.Add(pod);
            }
        }
        _condemned.Sort((a, b) => StatefulPods.Ordinal(set, b.Metadata.Name).CompareTo(StatefulPods.Ordinal(set, a.Metadata.Name)));
    }

    internal TimeSpan? NextCheck { get; private set; }

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var slot = 0; slot < _replicas.Length; slot++)
        {
            if (await FillAsync(slot, cancellationToken).ConfigureAwait(false) && _ordered)
            {
                return;
            }
        }
        if (await ScaleAwayAsync(cancellationToken).ConfigureAwait(false) && _ordered)
        {
            return;
        }
        if (_set.Spec.UpdateStrategy?.Type != "OnDelete")
        {
            await RollOutAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal V1StatefulSetStatus Status(int collisions)
    {
        var (ready, available, current, updated) = (0, 0, 0, 0);
        foreach (var pod in _pods)
        {
            ready += StatefulPods.IsRunningAndReady(pod) ? 1 : 0;
            available += IsAvailable(pod) ? 1 : 0;
            if (pod.Metadata.DeletionTimestamp is null)
            {
                current += StatefulPods.Revision(pod) == _current.Metadata.Name ? 1 : 0;
                updated += StatefulPods.Revision(pod) == _update.Metadata.Name ? 1 : 0;
            }
        }
        var done = _set.Spec.UpdateStrategy?.Type != "OnDelete" && updated == _replicas.Length && ready == _replicas.Length
            && _pods.Count == _replicas.Length;
        return new V1StatefulSetStatus
        {
            ObservedGeneration = _set.Metadata.Generation,
            Replicas = _pods.Count,
            ReadyReplicas = Counts.OrNull(ready),
            AvailableReplicas = available,
            CurrentReplicas = Counts.OrNull(done ? updated : current),
            UpdatedReplicas = Counts.OrNull(updated),
            CurrentRevision = done ? _update.Metadata.Name : _current.Metadata.Name,
            UpdateRevision = _update.Metadata.Name,
            CollisionCount = collisions,
            Conditions = _set.Status?.Conditions,
        };
    }

    // True where an ordered set has to wait before it goes on to the next member.
    private async Task<bool> FillAsync(int slot, CancellationToken cancellationToken)
    {
        var ordinal = _start + slot;
        if (_replicas[slot] is not { } pod)
        {
            var revision = NeedsCurrent(slot) ? _current : _update;
            await _members.CreateAsync(_set, RevisionHistory.Template(revision), revision.Metadata.Name, ordinal, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        if (PodConditions.IsTerminal(pod))
        {
            if (pod.Metadata.DeletionTimestamp is null)
            {
                _members.TellRecreated(_set, pod);
                await _members.DeleteAsync(_set, pod, cancellationToken).ConfigureAwait(false);
            }
            return true;
        }
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return true;
        }
        if (pod.Status?.Phase is null or "Pending")
        {
            await _members.EnsureClaimsAsync(_set, ordinal, cancellationToken).ConfigureAwait(false);
        }
        await _members.RetainClaimsAsync(_set, ordinal, null, cancellationToken).ConfigureAwait(false);
        return !IsAvailable(pod);
    }

    private async Task<bool> ScaleAwayAsync(CancellationToken cancellationToken)
    {
        var unhealthy = _replicas.Where(p => p is not null && !Healthy(p)).Concat(_condemned.Where(p => !Healthy(p)))
            .MinBy(p => StatefulPods.Ordinal(_set, p!.Metadata.Name));
        foreach (var pod in _condemned)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                if (_ordered)
                {
                    return true;
                }
                continue;
            }
            if (_ordered && !StatefulPods.IsRunningAndReady(pod) && !ReferenceEquals(pod, unhealthy))
            {
                return true;
            }
            await _members.RetainClaimsAsync(_set, StatefulPods.Ordinal(_set, pod.Metadata.Name), pod, cancellationToken)
                .ConfigureAwait(false);
            await _members.DeleteAsync(_set, pod, cancellationToken).ConfigureAwait(false);
            if (_ordered)
            {
                return true;
            }
        }
        return false;
    }

    private async Task RollOutAsync(CancellationToken cancellationToken)
    {
        var rolling = _set.Spec.UpdateStrategy?.RollingUpdate;
        var lowest = Math.Max(0, (rolling?.Partition ?? 0) - _start);
        var most = Math.Max(1, IntOrPercent.Resolve(rolling?.MaxUnavailable, _replicas.Length, roundUp: true, 1));
        var unavailable = _replicas.Count(p => p is null || !Healthy(p) || !IsAvailable(p));
        for (var slot = _replicas.Length - 1; slot >= lowest; slot--)
        {
            if (_replicas[slot] is not { } pod)
            {
                continue;
            }
            var outdated = StatefulPods.Revision(pod) != _update.Metadata.Name && pod.Metadata.DeletionTimestamp is null;
            if (outdated && (!Healthy(pod) || unavailable < most))
            {
                unavailable += Healthy(pod) && IsAvailable(pod) ? 1 : 0;
                await _members.DeleteAsync(_set, pod, cancellationToken).ConfigureAwait(false);
                if (most == 1)
                {
                    return;
                }
                continue;
            }
            if (!Healthy(pod) || !IsAvailable(pod) || outdated)
            {
                if (unavailable >= most)
                {
                    return;
                }
            }
        }
    }

    // Members below the partition stay at, and come back as, the current revision.
    private bool NeedsCurrent(int slot)
    {
        if (_set.Spec.UpdateStrategy?.Type == "OnDelete")
        {
            return false;
        }
        return _set.Spec.UpdateStrategy?.RollingUpdate?.Partition is { } partition
            ? slot < partition
            : slot < (_set.Status?.CurrentReplicas ?? 0);
    }

    private static bool Healthy(V1Pod pod) => StatefulPods.IsRunningAndReady(pod) && pod.Metadata.DeletionTimestamp is null;

    private bool IsAvailable(V1Pod pod)
    {
        var seconds = _set.Spec.MinReadySeconds ?? 0;
        if (!StatefulPods.IsRunningAndReady(pod))
        {
            return false;
        }
        if (PodConditions.IsAvailable(pod, seconds, _now))
        {
            return true;
        }
        if (PodConditions.Find(pod, "Ready")?.LastTransitionTime is { } since && since.AddSeconds(seconds) - _now is var left
            && (NextCheck is null || left < NextCheck))
        {
            NextCheck = left + TimeSpan.FromMilliseconds(50);
        }
        return false;
    }
}
