using System.Buffers;
using System.Runtime.InteropServices;
using KubeLite.Storage.Caching.Differences;
using KubeLite.Storage.Caching.Trees;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Caching;

/// <summary>Keeps one resource's snapshot, history and watchers in step with the store's events.</summary>
/// <remarks>A feed is pending until its list is in: events that arrive meanwhile wait in <c>_pending</c> and those newer than the
/// list are applied when it goes live. Only the hub's loop applies events to a live feed. <c>_gate</c> guards everything that is not
/// a single published reference; nothing else is locked under it but the watchers' queues.</remarks>
internal sealed partial class ResourceFeed
{
    private const int ListPageSize = 5000;
    private const int SettledAtOnce = 256;

    // Who watches and is no later than this never has bytes made anew.
    private static readonly TimeSpan s_settledAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_maxBackOff = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly ResourceCacheOptions _options;
    private readonly IKeyValueStore _store;
    private readonly RevisionGate _revisions;
    private readonly Action _trimSoon;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FieldLayout _layout;
    private readonly int[] _indexedFields;
    private readonly EntryReader _reader;
    private readonly ChangeHistory _history;
    private readonly SnapshotHistory _snapshots;
    private readonly WatcherIndex _watchers;
    private readonly List<StoreEvent> _pending = [];
    private TaskCompletionSource _ready = NewReady();
    private CacheSnapshot? _current;
    private CacheSnapshot? _advanced;
    private StoreException? _damage;
    private long _epoch;
    private bool _closed;

    /// <summary>Makes a feed that is pending.</summary>
    /// <param name="options">Its resource.</param>
    /// <param name="store">Where it is listed.</param>
    /// <param name="revisions">What was seen of all resources.</param>
    /// <param name="pool">Where strings are shared.</param>
    /// <param name="trimSoon">Called whenever so much has changed that <see cref="Trim"/> should not wait; must be quick.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where failed lists and unreadable objects are reported.</param>
    public ResourceFeed(
        ResourceCacheOptions options, IKeyValueStore store, RevisionGate revisions, StringPool pool, Action trimSoon, TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _store = store;
        _revisions = revisions;
        _trimSoon = trimSoon;
        _time = time;
        _logger = logger;
        _layout = new FieldLayout(options.FieldPaths);
        _indexedFields = [.. options.IndexedFields.Select(IndexedPosition)];
        _reader = new EntryReader(options, _layout, pool);
        _history = new ChangeHistory(options, time);
        _snapshots = new SnapshotHistory(options.HistoryRetention, time);
        _watchers = new WatcherIndex(options.Namespaced, _indexedFields);
    }

    /// <summary>The entry of a pair, outside of the feed.</summary>
    public CacheEntry Read(in KeyValue pair) => _reader.Read(pair, null);

    public long Seen => _revisions.Seen;

    public bool IsReady => Volatile.Read(ref _current) is not null;

    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>Why the last list failed, where only a person can mend it; null otherwise.</summary>
    public StoreException? Damage => Volatile.Read(ref _damage);

    /// <summary>Done when the feed is live or closed.</summary>
    public Task Ready
    {
        get
        {
            lock (_gate)
            {
                return _ready.Task;
            }
        }
    }

    /// <summary>The newest snapshot, at the newest revision seen; null while pending.</summary>
    public CacheSnapshot? Current
    {
        get
        {
            // Read in this order: whatever was seen has been applied to the snapshot read afterwards.
            long seen = _revisions.Seen;
            CacheSnapshot? current = Volatile.Read(ref _current);
            if (current is null || current.Revision >= seen)
            {
                return current;
            }

            CacheSnapshot? advanced = Volatile.Read(ref _advanced);
            if (advanced is null || advanced.Revision != seen || !ReferenceEquals(advanced.Trees, current.Trees))
            {
                advanced = current.At(seen);
                Volatile.Write(ref _advanced, advanced);
            }

            return advanced;
        }
    }

    /// <summary>Adds events of this resource, all those that one store batch has of it.</summary>
    public void Apply(ReadOnlySpan<StoreEvent> events)
    {
        CacheSnapshot? current;
        lock (_gate)
        {
            current = _current;
            if (_closed)
            {
                return;
            }

            if (current is null)
            {
                _pending.AddRange(events);
                return;
            }
        }

        (CacheSnapshot next, List<CacheChange> changes) = DecodeLive(current, events);
        bool many;
        lock (_gate)
        {
            if (!_closed && changes.Count > 0)
            {
                Publish(next, changes);
            }

            many = _history.Unsettled > SettledAtOnce;
        }

        if (many)
        {
            _trimSoon();
        }
    }

    /// <summary>Forgets everything because events were missed: watchers end, and the feed is pending until it is listed anew.
    /// True when it was live, so that nobody lists it at present.</summary>
    public bool Invalidate()
    {
        lock (_gate)
        {
            _epoch++;
            _pending.Clear();
            bool wasLive = _current is not null;
            if (wasLive)
            {
                _current = null;
                _advanced = null;
                _ready = NewReady();
                _history.Reset(0);
                _snapshots.Reset();
                _watchers.EndAll(WatcherEnd.Expired);
            }

            return wasLive;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _current = null;
            _advanced = null;
            _pending.Clear();
            _watchers.EndAll(WatcherEnd.Closed);
            _ready.TrySetResult();
        }
    }

    /// <summary>Lists the resource and goes live; tries again until it succeeds, is closed or cancelled. Does nothing when live.</summary>
    public async Task SyncAsync(CancellationToken cancellationToken)
    {
        TimeSpan backOff = TimeSpan.FromMilliseconds(50);
        while (!IsClosed && !IsReady)
        {
            try
            {
                long epoch;
                lock (_gate)
                {
                    // The list that begins now holds what came before.
                    epoch = _epoch;
                    _pending.Clear();
                }

                CacheSnapshot listed = await ListAsync(cancellationToken);
                GoLive(listed, epoch);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Volatile.Write(ref _damage, e is StoreException { Code: StoreErrorCode.Corrupt } damage ? damage : null);
                LogListFailed(_options.KeyPrefix, (e as StoreException)?.Code ?? StoreErrorCode.Unavailable, e.Message);
                await Task.Delay(backOff, _time, cancellationToken);
                backOff = backOff * 2 < s_maxBackOff ? backOff * 2 : s_maxBackOff;
            }
        }
    }

    public CacheSnapshot? TryGetAt(long revision)
    {
        long seen = _revisions.Seen;
        lock (_gate)
        {
            return _current is null ? null : _snapshots.Find(revision, seen);
        }
    }

    public void Pin(CacheSnapshot snapshot)
    {
        lock (_gate)
        {
            _snapshots.Pin(snapshot);
        }
    }

    /// <summary>Starts a watcher; null while pending or closed.</summary>
    public Watcher? TryRegister(WatchRequest request)
    {
        int position = request.IndexField is null ? -1 : IndexedPosition(request.IndexField);
        Watcher watcher = new(this, request, position);
        lock (_gate)
        {
            if (_current is null)
            {
                return null;
            }

            if (request.AfterRevision < _history.Floor)
            {
                throw new StoreException(
                    StoreErrorCode.Compacted, $"too old resource version: {request.AfterRevision} ({_history.Floor})")
                {
                    CompactRevision = _history.Floor,
                };
            }

            watcher.SetReplay(_history.After(request.AfterRevision));
            _watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>Lets a watcher that fell behind go on from history. False when it has ended.</summary>
    public bool CatchUp(Watcher watcher)
    {
        lock (_gate)
        {
            return watcher.CatchUp(_history);
        }
    }

    public void Unregister(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    /// <summary>Drops history that is older than the retention, and makes what stays and is not quite new cost little. For one thread
    /// at a time.</summary>
    /// <returns>True where it should be called again soon, since much is too new still.</returns>
    public bool Trim()
    {
        long now = _time.GetTimestamp();
        CacheChange[] changes = ArrayPool<CacheChange>.Shared.Rent(SettledAtOnce);
        VersionSharing sharing = new();
        int taken;
        bool more;
        lock (_gate)
        {
            _history.Trim(now);
            _snapshots.Trim(now);
        }

        do
        {
            lock (_gate)
            {
                taken = _history.TakeSettled(now, s_settledAfter, changes);
                more = _history.Unsettled > SettledAtOnce;
            }

            // Not under the lock: this is what takes time, and readers may have the entries meanwhile.
            foreach (CacheChange change in changes.AsSpan(0, taken))
            {
                sharing.Settle(change);
            }
        }
        while (taken == changes.Length);
        ArrayPool<CacheChange>.Shared.Return(changes, clearArray: true);
        return more;
    }

    private static TaskCompletionSource NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int IndexedPosition(string path)
    {
        int position = _layout.IndexOf(path);
        return position >= 0 && _options.IndexedFields.Contains(path)
            ? position
            : throw new StoreException(StoreErrorCode.InvalidArgument, $"{path} is not an indexed field of {_options.KeyPrefix}");
    }

    private (CacheSnapshot Next, List<CacheChange> Changes) DecodeLive(CacheSnapshot current, ReadOnlySpan<StoreEvent> events)
    {
        try
        {
            return Decode(current, events);
        }
        catch (StoreException e)
        {
            // Not the watch has failed but a value in it: the hub lists anew, and this resource waits until it is mended.
            throw new InvalidDataException(e.Message, e);
        }
    }

    private async Task<CacheSnapshot> ListAsync(CancellationToken cancellationToken)
    {
        List<CacheEntry> entries = [];
        RangeQuery query = new() { Prefix = _options.KeyPrefix, Limit = ListPageSize };
        while (true)
        {
            RangeResult page = await _store.RangeAsync(query, cancellationToken);
            entries.EnsureCapacity((int)Math.Min(int.MaxValue, page.Count));
            foreach (KeyValue pair in page.Items)
            {
                if (TryRead(pair, null) is { } entry)
                {
                    entries.Add(entry);
                }
            }

            if (!page.More)
            {
                SnapshotTrees trees = SnapshotTrees.FromSorted(entries, _indexedFields);
                return new CacheSnapshot(_options.KeyPrefix, page.Revision, trees, _layout);
            }

            query = query with { Start = page.Items[^1].Key + "\0", Revision = page.Revision };
        }
    }

    private void GoLive(CacheSnapshot listed, long epoch)
    {
        lock (_gate)
        {
            if (_closed || epoch != _epoch || _current is not null)
            {
                return;
            }

            // First, because it may fail, and what is live must hold every event.
            (CacheSnapshot next, List<CacheChange> changes) = Decode(listed, CollectionsMarshal.AsSpan(_pending));
            _history.Reset(listed.Revision);
            _snapshots.Reset();
            _snapshots.Add(listed.Revision, listed);
            Volatile.Write(ref _current, listed);
            Volatile.Write(ref _damage, null);
            if (changes.Count > 0)
            {
                Publish(next, changes);
            }

            _pending.Clear();
            _pending.TrimExcess();
            _ready.TrySetResult();
        }
    }

    private (CacheSnapshot Next, List<CacheChange> Changes) Decode(CacheSnapshot current, ReadOnlySpan<StoreEvent> events)
    {
        List<CacheChange> changes = new(events.Length);
        SnapshotTrees trees = current.Trees;
        long revision = current.Revision;
        long now = _time.GetTimestamp();
        foreach (ref readonly StoreEvent storeEvent in events)
        {
            // A list may be newer than the first events that follow it.
            if (storeEvent.KeyValue.ModRevision <= current.Revision)
            {
                continue;
            }

            revision = storeEvent.KeyValue.ModRevision;
            CacheEntry? previous = trees.ByKey.Find("", storeEvent.KeyValue.Key);
            CacheEntry? entry = storeEvent.Type == StoreEventType.Put ? TryRead(storeEvent.KeyValue, previous) : null;
            if (entry is null && previous is null)
            {
                continue;
            }

            trees = entry is null ? trees.Remove(previous!) : trees.Set(entry, previous);
            changes.Add(new CacheChange(entry, previous, revision, now));
        }

        return (current.With(trees, revision), changes);
    }

    // Under _gate. Order matters: history and snapshot first, so that a watcher that joins next misses nothing.
    private void Publish(CacheSnapshot next, List<CacheChange> changes)
    {
        foreach (CacheChange change in changes)
        {
            _history.Add(change);
        }

        _snapshots.Add(changes[0].Revision, next);
        Volatile.Write(ref _current, next);
        foreach (CacheChange change in changes)
        {
            _watchers.Publish(change);
        }
    }

    private CacheEntry? TryRead(in KeyValue pair, CacheEntry? previous)
    {
        try
        {
            return _reader.Read(pair, previous);
        }
        catch (Exception e) when (e is not StoreException)
        {
            // The object stays out of the cache; one unreadable object must not take its whole resource with it.
            LogUnreadable(pair.Key, pair.ModRevision, e.GetType().Name);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Listing {KeyPrefix} failed ({Code}): {Reason}; trying again")]
    private partial void LogListFailed(string keyPrefix, StoreErrorCode code, string reason);

    [LoggerMessage(2, LogLevel.Error, "The object at {Key}, revision {ResourceVersion}, can't be read ({Error}) and is left out")]
    private partial void LogUnreadable(string key, long resourceVersion, string error);
}
