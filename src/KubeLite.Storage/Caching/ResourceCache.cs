namespace KubeLite.Storage.Caching;

/// <summary>The cache of one resource: snapshots to read, events to watch. Safe for concurrent use.</summary>
public sealed class ResourceCache
{
    /// <summary>How long a read waits for a revision: 3 s, as in Kubernetes v1.36 (cacher, blockTimeout).</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(3);

    // An event that is on its way comes sooner than this; only after it is the store asked for progress.
    private static readonly TimeSpan s_firstStep = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_progressInterval = TimeSpan.FromMilliseconds(100);

    private readonly ResourceFeed _feed;
    private readonly RevisionGate _revisions;
    private readonly RevisionSource _source;
    private readonly IKeyValueStore _store;
    private readonly TimeProvider _time;

    internal ResourceCache(
        ResourceCacheOptions options, ResourceFeed feed, RevisionGate revisions, RevisionSource source, IKeyValueStore store,
        TimeProvider time)
    {
        Options = options;
        _feed = feed;
        _revisions = revisions;
        _source = source;
        _store = store;
        _time = time;
    }

    /// <summary>What it was opened with.</summary>
    public ResourceCacheOptions Options { get; }

    /// <summary>True once the first list is in (and not while the cache lists anew after a compaction).</summary>
    public bool IsReady => _feed.IsReady;

    /// <summary>True once the resource was closed; it never opens again.</summary>
    public bool IsClosed => _feed.IsClosed;

    /// <summary>The newest revision the cache has seen.</summary>
    public long LastRevision => _revisions.Seen;

    /// <summary>The newest snapshot, without any wait.</summary>
    /// <exception cref="StoreException">Unavailable while not ready or when closed.</exception>
    public CacheSnapshot Current => _feed.Current ?? throw NotReady();

    internal ResourceFeed Feed => _feed;

    /// <summary>The entry of a pair that was read from the store itself, at a revision that the cache no longer holds.</summary>
    /// <exception cref="System.Text.Json.JsonException">The value is not a JSON object.</exception>
    public CacheEntry Read(in KeyValue pair) => _feed.Read(pair);

    /// <summary>Waits until the first list is in, without limit.</summary>
    /// <exception cref="StoreException">Unavailable when closed.</exception>
    public async ValueTask WaitReadyAsync(CancellationToken cancellationToken)
    {
        while (!_feed.IsReady)
        {
            await _feed.Ready.WaitAsync(cancellationToken);
            if (_feed.IsClosed)
            {
                throw NotReady();
            }
        }
    }

    /// <summary>The newest snapshot once it reflects <paramref name="minRevision"/> (0: as it is now).</summary>
    /// <exception cref="StoreException">Timeout after <see cref="WaitLimit"/>: "Too large resource version"; Unavailable when not
    /// ready within that time or closed.</exception>
    public ValueTask<CacheSnapshot> ReadAsync(long minRevision, CancellationToken cancellationToken) =>
        _revisions.Seen >= minRevision && _feed.Current is { } current
            ? new ValueTask<CacheSnapshot>(current)
            : ReadSlowAsync(minRevision, cancellationToken);

    /// <summary>A snapshot that reflects every write acknowledged before the call: asks the store for its revision and waits.</summary>
    /// <exception cref="StoreException">As <see cref="ReadAsync"/>, and what the store throws.</exception>
    public ValueTask<CacheSnapshot> ReadConsistentAsync(CancellationToken cancellationToken)
    {
        ValueTask<long> revision = _source.GetAsync(cancellationToken);
        return revision.IsCompletedSuccessfully
            ? ReadAsync(revision.Result, cancellationToken)
            : ReadConsistentSlowAsync(revision, cancellationToken);
    }

    /// <summary>Waits until the cache has seen a revision: after a write, so that the writer reads what it wrote.</summary>
    /// <exception cref="StoreException">As <see cref="ReadAsync"/>.</exception>
    public async ValueTask WaitForAsync(long revision, CancellationToken cancellationToken) =>
        await ReadAsync(revision, cancellationToken);

    /// <summary>The snapshot at exactly this revision if it is still kept (about 1,000 snapshots or 75 s); otherwise null, and the
    /// caller reads the store at that revision.</summary>
    public CacheSnapshot? TryGetAt(long revision) => _feed.TryGetAt(revision);

    /// <summary>Keeps a snapshot for <see cref="TryGetAt"/> for the whole of <see cref="ResourceCacheOptions.HistoryRetention"/>,
    /// however many writes follow: for when a continue token at its revision was handed out. The last 256 are kept.</summary>
    public void Pin(CacheSnapshot snapshot) => _feed.Pin(snapshot);

    /// <summary>Starts a watcher; waits until the resource is ready if need be.</summary>
    /// <exception cref="StoreException">Compacted ("too old resource version: X (Y)") when history does not reach back to
    /// <see cref="WatchRequest.AfterRevision"/>; Unavailable when not ready within <see cref="WaitLimit"/> or closed;
    /// InvalidArgument for an IndexField that is not indexed.</exception>
    public async ValueTask<Watcher> WatchAsync(WatchRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_feed.TryRegister(request) is { } watcher)
            {
                return watcher;
            }

            await WaitReadyWithinLimitAsync(cancellationToken);
        }
    }

    private async ValueTask<CacheSnapshot> ReadConsistentSlowAsync(ValueTask<long> revision, CancellationToken cancellationToken) =>
        await ReadAsync(await revision, cancellationToken);

    private async ValueTask<CacheSnapshot> ReadSlowAsync(long minRevision, CancellationToken cancellationToken)
    {
        long started = _time.GetTimestamp();
        while (true)
        {
            await WaitReadyWithinLimitAsync(cancellationToken);
            if (!await WaitSeenAsync(minRevision, started, cancellationToken))
            {
                throw new StoreException(
                    StoreErrorCode.Timeout, $"Too large resource version: {minRevision}, current: {_revisions.Seen}")
                {
                    CurrentRevision = _revisions.Seen,
                };
            }

            if (_feed.Current is { } current)
            {
                return current;
            }
        }
    }

    private async ValueTask<bool> WaitSeenAsync(long revision, long started, CancellationToken cancellationToken)
    {
        // The revision may belong to a key outside the cache, so that no event will ever report it: ask the store to.
        TimeSpan wanted = s_firstStep;
        while (true)
        {
            TimeSpan left = WaitLimit - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return _revisions.Seen >= revision;
            }

            if (await _revisions.WaitAsync(revision, left < wanted ? left : wanted, cancellationToken))
            {
                return true;
            }

            await _store.RequestProgressAsync(cancellationToken);
            wanted = s_progressInterval;
        }
    }

    private async ValueTask WaitReadyWithinLimitAsync(CancellationToken cancellationToken)
    {
        if (!_feed.IsReady)
        {
            if (_feed.Damage is { } damage)
            {
                throw new StoreException(damage.Code, damage.Message);
            }

            try
            {
                await _feed.Ready.WaitAsync(WaitLimit, _time, cancellationToken);
            }
            catch (TimeoutException)
            {
                throw NotReady();
            }

            if (_feed.IsClosed)
            {
                throw NotReady();
            }
        }
    }

    private StoreException NotReady() => new(
        StoreErrorCode.Unavailable,
        _feed.IsClosed
            ? $"the cache of {Options.KeyPrefix} is closed"
            : $"the cache of {Options.KeyPrefix} is not ready: its list from the store is not in yet");
}
