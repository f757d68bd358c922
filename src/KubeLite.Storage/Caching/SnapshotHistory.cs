namespace KubeLite.Storage.Caching;

/// <summary>Recent snapshots by the revisions for which they are exact. Guarded by its owner's lock.</summary>
internal sealed class SnapshotHistory(TimeSpan retention, TimeProvider time)
{
    private const int MaxKept = 1000;
    private const int MaxPinned = 256;

    private readonly List<Kept> _kept = [];
    private readonly List<(CacheSnapshot Snapshot, long Timestamp)> _pinned = [];
    private int _start;

    public void Reset()
    {
        _kept.Clear();
        _pinned.Clear();
        _start = 0;
    }

    /// <summary>Adds the newest snapshot.</summary>
    /// <param name="firstRevision">The revision of the first change since the snapshot before.</param>
    /// <param name="snapshot">The snapshot; its revision is that of its last change.</param>
    public void Add(long firstRevision, CacheSnapshot snapshot)
    {
        long now = time.GetTimestamp();
        _kept.Add(new Kept(firstRevision, snapshot, now));
        DropOld(now);
    }

    /// <summary>Drops what is older than the retention, but for the newest.</summary>
    /// <param name="now">The clock's timestamp.</param>
    public void Trim(long now)
    {
        DropOld(now);
        _pinned.RemoveAll(pin => time.GetElapsedTime(pin.Timestamp, now) > retention);
    }

    /// <summary>Keeps a snapshot for the whole retention, however many follow it.</summary>
    public void Pin(CacheSnapshot snapshot)
    {
        long now = time.GetTimestamp();
        _pinned.RemoveAll(pin => pin.Snapshot.Revision == snapshot.Revision || time.GetElapsedTime(pin.Timestamp, now) > retention);
        if (_pinned.Count == MaxPinned)
        {
            _pinned.RemoveAt(0);
        }

        _pinned.Add((snapshot, now));
    }

    /// <summary>The snapshot that is exact for a revision, at that revision, or null.</summary>
    /// <param name="revision">The revision wanted.</param>
    /// <param name="seen">Up to where the newest snapshot is known to be exact.</param>
    public CacheSnapshot? Find(long revision, long seen)
    {
        foreach ((CacheSnapshot snapshot, _) in _pinned)
        {
            if (snapshot.Revision == revision)
            {
                return snapshot;
            }
        }

        int low = _start;
        int high = _kept.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_kept[middle].Snapshot.Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == _start)
        {
            return null;
        }

        bool exact = low < _kept.Count ? revision < _kept[low].FirstRevision : revision <= Math.Max(seen, _kept[low - 1].Snapshot.Revision);
        return exact ? _kept[low - 1].Snapshot.At(revision) : null;
    }

    private void DropOld(long now)
    {
        while (_start < _kept.Count - 1
            && (_kept.Count - _start > MaxKept || time.GetElapsedTime(_kept[_start].Timestamp, now) > retention))
        {
            _kept[_start++] = default;
        }

        if (_start > MaxKept)
        {
            _kept.RemoveRange(0, _start);
            _start = 0;
        }
    }

    private readonly record struct Kept(long FirstRevision, CacheSnapshot Snapshot, long Timestamp);
}
