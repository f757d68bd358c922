namespace KubeLite.Storage.Embedded.Memory;

/// <summary>A store in this process's memory: etcd's semantics, no durability. For tests and throw-away clusters.</summary>
public sealed class MemoryStore : IKeyValueStore
{
    // Compaction rides on writes in steps of this many revisions, so that no write waits long for it.
    private const int CompactStep = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeyVersions> _keys = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _order = new(StringComparer.Ordinal);
    private readonly Queue<string> _changed = new();
    private readonly TimeProvider _time;
    private readonly HistoryRetention _retention;
    private readonly EventLog _log = new(1, int.MaxValue);
    private readonly ExpiryQueue _expiry;
    private long _revision = 1;
    private long _compacted;
    private long _compactTarget;
    private bool _disposed;

    /// <summary>Makes an empty store.</summary>
    /// <param name="options">How it behaves.</param>
    /// <param name="timeProvider">Clock for times to live and automatic compaction.</param>
    public MemoryStore(MemoryStoreOptions options, TimeProvider timeProvider)
    {
        _retention = new HistoryRetention(options.HistoryRetention, timeProvider);
        _time = timeProvider;
        _expiry = new ExpiryQueue(timeProvider, Expire);
    }

    /// <inheritdoc />
    public long CompactedRevision => Volatile.Read(ref _compacted);

    /// <inheritdoc />
    public bool RevisionIsLocal => true;

    /// <inheritdoc />
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            return new ValueTask<long>(_revision);
        }
    }

    /// <inheritdoc />
    public ValueTask<KeyValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        WriteRules.CheckKey(key, null);
        lock (_lock)
        {
            ThrowIfDisposed();
            return new ValueTask<KeyValue?>(_keys.GetValueOrDefault(key)?.Newest);
        }
    }

    /// <inheritdoc />
    public ValueTask<RangeResult> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        (string start, string? end) = query.GetBounds();
        lock (_lock)
        {
            ThrowIfDisposed();
            long revision = query.Revision == 0 ? _revision : query.Revision;
            if (revision > _revision)
            {
                throw StoreException.FutureRevision(revision, _revision);
            }

            if (revision < _compacted)
            {
                throw StoreException.Compacted(revision, _compacted);
            }

            List<KeyValue> items = [];
            long count = 0;
            foreach (string key in KeysBetween(start, end))
            {
                if (_keys[key].At(revision) is not { } pair)
                {
                    continue;
                }

                count++;
                if (!query.CountOnly && (query.Limit == 0 || items.Count < query.Limit))
                {
                    items.Add(pair);
                }
            }

            return new ValueTask<RangeResult>(new RangeResult(revision, items, count, !query.CountOnly && items.Count < count));
        }
    }

    /// <inheritdoc />
    public ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        WriteRules.CheckPut(key, value, expectedModRevision, timeToLive);
        lock (_lock)
        {
            ThrowIfDisposed();
            KeyValue? current = _keys.GetValueOrDefault(key)?.Newest;
            if (expectedModRevision is { } expected && expected != (current?.ModRevision ?? 0))
            {
                return new ValueTask<WriteResult>(new WriteResult(false, _revision, current));
            }

            long revision = _revision + 1;
            KeyValue pair = new(key, value, current?.CreateRevision ?? revision, revision, (current?.Version ?? 0) + 1);
            Commit(new StoreEvent(StoreEventType.Put, pair, null));
            if (timeToLive is { } lifetime)
            {
                _expiry.Add(key, revision, _time.GetUtcNow() + lifetime);
            }

            return new ValueTask<WriteResult>(new WriteResult(true, revision, null));
        }
    }

    /// <inheritdoc />
    public ValueTask<WriteResult> DeleteAsync(string key, long? expectedModRevision, CancellationToken cancellationToken)
    {
        WriteRules.CheckKey(key, expectedModRevision);
        lock (_lock)
        {
            ThrowIfDisposed();
            return new ValueTask<WriteResult>(Delete(key, expectedModRevision));
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        string prefix, long afterRevision, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long revision = afterRevision;
        bool pulsed = false;
        while (true)
        {
            StoreWatchBatch? batch;
            Task changed;
            lock (_lock)
            {
                ThrowIfDisposed();
                if (revision < _compacted)
                {
                    throw StoreException.Compacted(revision, _compacted);
                }

                // The log begins at revision 1, where an empty store stands.
                batch = _log.Read(Math.Max(revision, 1), prefix, out changed);
            }

            if (batch is { } read && (read.Revision > revision || (pulsed && read.Revision == revision)))
            {
                revision = read.Revision;
                yield return read;
            }

            await changed.WaitAsync(cancellationToken);
            pulsed = true;
        }
    }

    /// <inheritdoc />
    public ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        _log.Pulse();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (revision > _revision)
            {
                throw StoreException.FutureRevision(revision, _revision);
            }

            _compactTarget = Math.Max(_compactTarget, revision);
            Compact(int.MaxValue);
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc />
    public ValueTask CheckHealthAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            return ValueTask.CompletedTask;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _log.End(Closed());
        await _expiry.DisposeAsync();
    }

    private static StoreException Closed() => new(StoreErrorCode.Unavailable, "the in-memory store is closed");

    private IEnumerable<string> KeysBetween(string start, string? end)
    {
        if (_order.Count == 0 || (end is not null && string.CompareOrdinal(start, end) >= 0))
        {
            yield break;
        }

        string last = _order.Max!;
        if (string.CompareOrdinal(start, last) > 0)
        {
            yield break;
        }

        foreach (string key in _order.GetViewBetween(start, end is null || string.CompareOrdinal(end, last) > 0 ? last : end))
        {
            if (end is null || string.CompareOrdinal(key, end) < 0)
            {
                yield return key;
            }
        }
    }

    private WriteResult Delete(string key, long? expectedModRevision)
    {
        if (_keys.GetValueOrDefault(key)?.Newest is not { } current)
        {
            return new WriteResult(false, _revision, null);
        }

        if (expectedModRevision is { } expected && expected != current.ModRevision)
        {
            return new WriteResult(false, _revision, current);
        }

        long revision = _revision + 1;
        Commit(new StoreEvent(StoreEventType.Delete, new KeyValue(key, default, 0, revision, 0), current));
        return new WriteResult(true, revision, null);
    }

    private void Expire(IReadOnlyList<ExpiryQueue.Expiring> due)
    {
        lock (_lock)
        {
            foreach (ExpiryQueue.Expiring expiring in due)
            {
                if (!_disposed)
                {
                    Delete(expiring.Key, expiring.ModRevision);
                }
            }
        }
    }

    private void Commit(StoreEvent storeEvent)
    {
        KeyValue pair = storeEvent.KeyValue;
        if (!_keys.TryGetValue(pair.Key, out KeyVersions? versions))
        {
            versions = new KeyVersions();
            _keys.Add(pair.Key, versions);
            _order.Add(pair.Key);
        }

        versions.Add(pair);
        _revision = pair.ModRevision;
        _changed.Enqueue(pair.Key);
        _log.Append([storeEvent]);
        _compactTarget = Math.Max(_compactTarget, _retention.Note(_revision));
        Compact(CompactStep);
    }

    private void Compact(int maxSteps)
    {
        if (_compactTarget <= _compacted)
        {
            return;
        }

        // One changed key a revision, beginning with revision 2: the queue's head belongs to the revision after _compacted.
        long from = Math.Max(_compacted, 1);
        long until = Math.Min(_compactTarget, from + maxSteps);
        for (long revision = from + 1; revision <= until; revision++)
        {
            string key = _changed.Dequeue();
            if (_keys.TryGetValue(key, out KeyVersions? versions))
            {
                versions.Compact(until);
                if (versions.IsEmpty)
                {
                    _keys.Remove(key);
                    _order.Remove(key);
                }
            }
        }

        Volatile.Write(ref _compacted, until);
        _log.TrimTo(until);
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
        {
            throw Closed();
        }
    }
}
