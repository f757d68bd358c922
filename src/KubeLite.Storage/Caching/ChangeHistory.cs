namespace KubeLite.Storage.Caching;

/// <summary>The last changes of a resource in a ring that grows with their rate. Guarded by its owner's lock.</summary>
internal sealed class ChangeHistory
{
    private const int InitialSize = 16;
    private const int MaxSize = 65536;

    private readonly int _minSize;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _time;
    private CacheChange[] _ring = new CacheChange[InitialSize];
    private int _start;
    private int _count;
    private int _settled;

    public ChangeHistory(ResourceCacheOptions options, TimeProvider time)
    {
        _minSize = options.MinHistory;
        _retention = options.HistoryRetention;
        _time = time;
    }

    /// <summary>Every change with a greater revision is here.</summary>
    public long Floor { get; private set; }

    /// <summary>How many changes <see cref="TakeSettled"/> has not given yet.</summary>
    public int Unsettled => _count - _settled;

    /// <summary>Forgets everything: history begins after <paramref name="revision"/>.</summary>
    public void Reset(long revision)
    {
        _ring = new CacheChange[InitialSize];
        _start = 0;
        _count = 0;
        _settled = 0;
        Floor = revision;
    }

    /// <summary>Adds a change of the newest revision; drops the oldest when the ring may not grow.</summary>
    public void Add(CacheChange change)
    {
        if (_count == _ring.Length)
        {
            if (MayGrow(change.Timestamp))
            {
                Resize(_ring.Length * 2);
            }
            else
            {
                DropFirst();
            }
        }

        _ring[(_start + _count) & (_ring.Length - 1)] = change;
        _count++;
    }

    /// <summary>
    /// Drops what is older than the retention, down to the least number kept, so that a burst does not hold memory for ever.
    /// </summary>
    /// <param name="now">The clock's timestamp.</param>
    public void Trim(long now)
    {
        while (_count > _minSize && _time.GetElapsedTime(_ring[_start].Timestamp, now) > _retention)
        {
            DropFirst();
        }

        if (_ring.Length > _minSize && _count < _ring.Length / 4)
        {
            Resize(_ring.Length / 2);
        }
    }

    /// <summary>The next changes in order that are older than given and were not asked for before: as many as fit.</summary>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="age">How old they are at least.</param>
    /// <param name="changes">Where they go.</param>
    /// <returns>How many there are.</returns>
    public int TakeSettled(long now, TimeSpan age, Span<CacheChange> changes)
    {
        int taken = 0;
        while (taken < changes.Length && _settled < _count)
        {
            CacheChange change = _ring[(_start + _settled) & (_ring.Length - 1)];
            if (_time.GetElapsedTime(change.Timestamp, now) < age)
            {
                break;
            }

            changes[taken++] = change;
            _settled++;
        }

        return taken;
    }

    /// <summary>The changes with a greater revision, in order. The caller has checked <see cref="Floor"/>.</summary>
    public CacheChange[] After(long revision)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ring[(_start + middle) & (_ring.Length - 1)].Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == _count)
        {
            return [];
        }

        CacheChange[] changes = new CacheChange[_count - low];
        for (int i = 0; i < changes.Length; i++)
        {
            changes[i] = _ring[(_start + low + i) & (_ring.Length - 1)];
        }

        return changes;
    }

    /// <summary>The changes from one of them on, in order; null where it was forgotten.</summary>
    public CacheChange[]? From(CacheChange first)
    {
        if (first.Revision <= Floor)
        {
            return null;
        }

        // Several changes may have one revision.
        CacheChange[] changes = After(first.Revision - 1);
        int at = Array.IndexOf(changes, first);
        return at < 0 ? null : at == 0 ? changes : changes[at..];
    }

    private bool MayGrow(long now) =>
        _ring.Length < _minSize
        || (_ring.Length < MaxSize && _time.GetElapsedTime(_ring[_start].Timestamp, now) < _retention);

    private void DropFirst()
    {
        Floor = _ring[_start].Revision;
        _ring[_start] = null!;
        _start = (_start + 1) & (_ring.Length - 1);
        _count--;
        _settled = Math.Max(0, _settled - 1);
    }

    private void Resize(int size)
    {
        CacheChange[] other = new CacheChange[size];
        for (int i = 0; i < _count; i++)
        {
            other[i] = _ring[(_start + i) & (_ring.Length - 1)];
        }

        _ring = other;
        _start = 0;
    }
}
