namespace KubeLite.Storage.Embedded;

/// <summary>The newest events of an embedded store, from which its watches read at their own pace. Safe for concurrent use; events
/// are appended by one writer.</summary>
internal sealed class EventLog
{
    private const int MaxBatch = 1000;
    private const int InitialSize = 256;

    private readonly Lock _lock = new();
    private readonly int _capacity;
    private StoreEvent[] _ring = new StoreEvent[InitialSize];
    private int _start;
    private int _count;
    private TaskCompletionSource _pulse = NewPulse();
    private long _floor;
    private StoreException? _ended;

    /// <summary>Makes a log that knows nothing before <paramref name="revision"/>.</summary>
    /// <param name="revision">The store's present revision.</param>
    /// <param name="capacity">How many events are kept; older ones are dropped.</param>
    public EventLog(long revision, int capacity)
    {
        _floor = revision;
        _capacity = capacity;
    }

    /// <summary>Adds committed events in order; each has a revision of its own, and no revision is left out.</summary>
    public void Append(ReadOnlySpan<StoreEvent> events)
    {
        TaskCompletionSource pulse;
        lock (_lock)
        {
            foreach (ref readonly StoreEvent storeEvent in events)
            {
                Add(storeEvent);
            }

            pulse = _pulse;
            _pulse = NewPulse();
        }

        pulse.TrySetResult();
    }

    /// <summary>Drops events up to and including <paramref name="revision"/>.</summary>
    public void TrimTo(long revision)
    {
        lock (_lock)
        {
            while (_count > 0 && _floor < revision)
            {
                DropOldest();
            }
        }
    }

    /// <summary>Makes every watch yield a batch, empty if need be.</summary>
    public void Pulse()
    {
        TaskCompletionSource pulse;
        lock (_lock)
        {
            pulse = _pulse;
            _pulse = NewPulse();
        }

        pulse.TrySetResult();
    }

    /// <summary>Ends every watch with this error.</summary>
    public void End(StoreException reason)
    {
        lock (_lock)
        {
            _ended = reason;
        }

        Pulse();
    }

    /// <summary>Reads up to 1,000 events after a revision. Null when the log no longer reaches back that far. The batch's revision is
    /// the store's when nothing follows, even when that is less than <paramref name="revision"/>.</summary>
    /// <param name="revision">The last revision the reader has.</param>
    /// <param name="prefix">Only events of such keys are returned, but the batch's revision covers the others too.</param>
    /// <param name="changed">Completes when there may be more to read than this batch holds.</param>
    /// <exception cref="StoreException">The store was closed.</exception>
    public StoreWatchBatch? Read(long revision, string prefix, out Task changed)
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                throw new StoreException(_ended.Code, _ended.Message);
            }

            changed = _pulse.Task;
            if (revision < _floor)
            {
                return null;
            }

            // One event a revision: the distance to the floor is the place in the ring.
            List<StoreEvent> events = [];
            long from = revision - _floor;
            long until = Math.Min(_count, from + MaxBatch);
            for (long i = from; i < until; i++)
            {
                ref readonly StoreEvent storeEvent = ref _ring[(_start + (int)i) & (_ring.Length - 1)];
                if (storeEvent.KeyValue.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    events.Add(storeEvent);
                }
            }

            if (until < _count)
            {
                changed = Task.CompletedTask;
                return new StoreWatchBatch(_floor + until, events);
            }

            return new StoreWatchBatch(_floor + _count, events);
        }
    }

    private void Add(in StoreEvent storeEvent)
    {
        if (_count >= _capacity)
        {
            DropOldest();
        }

        if (_count == _ring.Length)
        {
            StoreEvent[] larger = new StoreEvent[_ring.Length * 2];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = _ring[(_start + i) & (_ring.Length - 1)];
            }

            _ring = larger;
            _start = 0;
        }

        _ring[(_start + _count) & (_ring.Length - 1)] = storeEvent;
        _count++;
    }

    private void DropOldest()
    {
        _ring[_start] = default;
        _start = (_start + 1) & (_ring.Length - 1);
        _count--;
        _floor++;
    }

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
