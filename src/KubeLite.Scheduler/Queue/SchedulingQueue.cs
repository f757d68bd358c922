using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Queue;

/// <summary>
/// The Pods without a node: active ones in QueueSort order, those in back-off, and those that wait for a change that their
/// rejecting plugins are interested in. Belongs to the scheduling loop.
/// </summary>
internal sealed class SchedulingQueue
{
    private readonly Dictionary<string, QueuedPod> _pods = new(StringComparer.Ordinal);
    private readonly HashSet<QueuedPod> _unschedulable = [];
    private readonly PodHeap _active;
    private readonly PodHeap _backoff = new(BackoffOrder.Instance);
    private readonly IReadOnlyList<IPreEnqueuePlugin> _gates;
    private readonly Dictionary<string, IReadOnlyList<EventInterest>> _interests = new(StringComparer.Ordinal);
    private readonly SchedulingQueueOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Makes an empty queue.</summary>
    public SchedulingQueue(
        IComparer<QueuedPod> order,
        IReadOnlyList<IPreEnqueuePlugin> gates,
        IEnumerable<IEventInterested> interested,
        SchedulingQueueOptions options,
        TimeProvider time)
    {
        _active = new PodHeap(order);
        _gates = gates;
        _options = options;
        _time = time;
        foreach (var plugin in interested)
        {
            _interests[plugin.Name] = plugin.Events;
        }
    }

    /// <summary>How many Pods are ready to be tried.</summary>
    public int ActiveCount => _active.Count;

    /// <summary>How many Pods are in back-off.</summary>
    public int BackoffCount => _backoff.Count;

    /// <summary>How many Pods wait for a change, gated ones included.</summary>
    public int UnschedulableCount => _unschedulable.Count;

    /// <summary>The entry of a Pod; null when it does not wait.</summary>
    public QueuedPod? Find(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>A new Pod without a node.</summary>
    public void Add(PodInfo pod)
    {
        if (_pods.ContainsKey(pod.Uid))
        {
            Update(pod);
            return;
        }

        var entry = new QueuedPod(pod, _time.GetUtcNow()) { Place = QueuePlace.InFlight };
        _pods[pod.Uid] = entry;
        Activate(entry);
    }

    /// <summary>A waiting Pod has changed.</summary>
    public void Update(PodInfo pod)
    {
        if (!_pods.TryGetValue(pod.Uid, out var entry))
        {
            Add(pod);
            return;
        }

        var old = entry.Pod;
        entry.Pod = pod;
        if (entry.Place != QueuePlace.Unschedulable)
        {
            return;
        }

        if (entry.GatedBy is not null)
        {
            if (Gate(entry) is null)
            {
                Leave(entry);
                Activate(entry);
            }

            return;
        }

        var action = PodChange.Of(old, pod);
        if (action != EventAction.None
            && IsWorthTrying(entry, new ClusterEvent(EventResource.TargetPod, action, old, pod)))
        {
            Leave(entry);
            Requeue(entry);
        }
    }

    /// <summary>A Pod is gone or has got its node.</summary>
    public void Remove(string uid)
    {
        if (_pods.Remove(uid, out var entry))
        {
            Leave(entry);
        }
    }

    /// <summary>
    /// The next Pod to try; null when there is none. A Pod in back-off for not fitting comes early when nothing else waits.
    /// </summary>
    public QueuedPod? Pop()
    {
        FlushBackoff();
        var entry = _active.Pop();
        if (entry is null && _backoff.Peek() is { ErrorCount: 0 } early)
        {
            _backoff.Remove(early);
            entry = early;
        }

        if (entry is null)
        {
            return null;
        }

        entry.Place = QueuePlace.InFlight;
        entry.Attempts++;
        entry.RejectedBy.Clear();
        return entry;
    }

    /// <summary>A Pod did not fit: it waits for a change that interests the plugins that rejected it.</summary>
    public void AddUnschedulable(QueuedPod entry, IEnumerable<string> rejectedBy)
    {
        if (!_pods.ContainsKey(entry.Pod.Uid))
        {
            return;
        }

        entry.ErrorCount = 0;
        entry.UnschedulableCount++;
        entry.RejectedBy.UnionWith(rejectedBy);
        Park(entry);
    }

    /// <summary>Trying a Pod ended in an error: it is tried again after a back-off, whatever happens.</summary>
    public void AddAfterError(QueuedPod entry)
    {
        if (!_pods.ContainsKey(entry.Pod.Uid))
        {
            return;
        }

        entry.ErrorCount++;
        entry.RejectedBy.Clear();
        entry.Timestamp = _time.GetUtcNow();
        Requeue(entry);
    }

    /// <summary>Something changed: Pods for which that may matter are tried again.</summary>
    public void Happened(in ClusterEvent change)
    {
        List<QueuedPod>? moved = null;
        foreach (var entry in _unschedulable)
        {
            if (IsWorthTrying(entry, change))
            {
                if (entry.GatedBy is not null)
                {
                    entry.MovedWhileGated = true;
                    continue;
                }

                (moved ??= []).Add(entry);
            }
        }

        if (moved is null)
        {
            return;
        }

        foreach (var entry in moved)
        {
            Leave(entry);
            Requeue(entry);
        }
    }

    /// <summary>A PreEnqueue plugin may have changed its mind about a Pod.</summary>
    /// <param name="uid">The Pod.</param>
    /// <param name="force">Try it again even if nothing happened meanwhile.</param>
    public void Ungate(string uid, bool force)
    {
        if (!_pods.TryGetValue(uid, out var entry) || entry.Place != QueuePlace.Unschedulable)
        {
            return;
        }

        if (entry.GatedBy is null ? force : entry.MovedWhileGated || force)
        {
            Leave(entry);
            Requeue(entry);
        }
        else
        {
            entry.GatedBy = null;
        }
    }

    /// <summary>When something becomes due without any change; null when nothing will.</summary>
    public DateTimeOffset? NextDeadline()
    {
        var next = _backoff.Peek()?.BackoffUntil;
        foreach (var entry in _unschedulable)
        {
            if (entry.GatedBy is null)
            {
                var due = entry.Timestamp + _options.MaxUnschedulable;
                next = next is null || due < next ? due : next;
            }
        }

        return next;
    }

    /// <summary>Moves what has become due.</summary>
    public void Flush()
    {
        FlushBackoff();
        var limit = _time.GetUtcNow() - _options.MaxUnschedulable;
        List<QueuedPod>? due = null;
        foreach (var entry in _unschedulable)
        {
            if (entry.GatedBy is null && entry.Timestamp <= limit)
            {
                (due ??= []).Add(entry);
            }
        }

        foreach (var entry in due ?? [])
        {
            Leave(entry);
            Requeue(entry);
        }
    }

    private void FlushBackoff()
    {
        var now = _time.GetUtcNow();
        while (_backoff.Peek() is { } first && first.BackoffUntil <= now)
        {
            _backoff.Remove(first);
            Activate(first);
        }
    }

    private void Park(QueuedPod entry)
    {
        entry.Timestamp = _time.GetUtcNow();
        entry.Place = QueuePlace.Unschedulable;
        entry.GatedBy = Gate(entry);
        entry.MovedWhileGated = false;
        _unschedulable.Add(entry);
    }

    /// <summary>Puts a Pod that was tried before into the active queue, after its back-off.</summary>
    private void Requeue(QueuedPod entry)
    {
        var until = entry.Timestamp + Backoff(entry);
        if (until <= _time.GetUtcNow())
        {
            Activate(entry);
            return;
        }

        if (Gate(entry) is not null)
        {
            ParkGated(entry);
            return;
        }

        entry.BackoffUntil = until;
        entry.Place = QueuePlace.Backoff;
        _backoff.Add(entry);
    }

    private void Activate(QueuedPod entry)
    {
        if (Gate(entry) is not null)
        {
            ParkGated(entry);
            return;
        }

        entry.GatedBy = null;
        entry.Place = QueuePlace.Active;
        _active.Add(entry);
    }

    private void ParkGated(QueuedPod entry)
    {
        entry.GatedBy = Gate(entry);
        entry.RejectedBy.Add(entry.GatedBy!);
        entry.MovedWhileGated = true;
        entry.Place = QueuePlace.Unschedulable;
        _unschedulable.Add(entry);
    }

    private string? Gate(QueuedPod entry)
    {
        foreach (var gate in _gates)
        {
            if (!gate.PreEnqueue(entry.Pod).IsSuccess)
            {
                return gate.Name;
            }
        }

        return null;
    }

    private void Leave(QueuedPod entry)
    {
        switch (entry.Place)
        {
            case QueuePlace.Active:
                _active.Remove(entry);
                break;
            case QueuePlace.Backoff:
                _backoff.Remove(entry);
                break;
            case QueuePlace.Unschedulable:
                _unschedulable.Remove(entry);
                break;
            default:
                break;
        }

        entry.Place = QueuePlace.InFlight;
    }

    private bool IsWorthTrying(QueuedPod entry, in ClusterEvent change)
    {
        // Nobody in particular rejected it, so any change may help.
        if (entry.RejectedBy.Count == 0)
        {
            return true;
        }

        foreach (var plugin in entry.RejectedBy)
        {
            if (!_interests.TryGetValue(plugin, out var interests))
            {
                continue;
            }

            foreach (var interest in interests)
            {
                if (interest.Resource == change.Resource && (interest.Actions & change.Action) != 0
                    && (interest.Hint is null || interest.Hint(entry.Pod, change)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private TimeSpan Backoff(QueuedPod entry)
    {
        var count = entry.ErrorCount > 0 ? entry.ErrorCount : entry.UnschedulableCount;
        if (count == 0)
        {
            return TimeSpan.Zero;
        }

        var backoff = _options.InitialBackoff;
        for (var i = 1; i < count && backoff < _options.MaxBackoff; i++)
        {
            backoff += backoff;
        }

        return backoff < _options.MaxBackoff ? backoff : _options.MaxBackoff;
    }

    private sealed class BackoffOrder : IComparer<QueuedPod>
    {
        public static readonly BackoffOrder Instance = new();

        public int Compare(QueuedPod? x, QueuedPod? y) => x!.BackoffUntil.CompareTo(y!.BackoffUntil);
    }
}
