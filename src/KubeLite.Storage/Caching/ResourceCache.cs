namespace KubeLite.Storage.Caching;

/// <summary>The cache of one resource: snapshots to read, events to watch. Safe for concurrent use.</summary>
public sealed class ResourceCache
{
    /// <summary>How long a read waits for a revision: 3 s, as in Kubernetes v1.36 (cacher, blockTimeout).</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(3);

    internal ResourceCache(ResourceCacheOptions options)
    {
        Options = options;
    }

    /// <summary>What it was opened with.</summary>
    public ResourceCacheOptions Options { get; }

    /// <summary>True once the first list is in (and not while the cache lists anew after a compaction).</summary>
    public bool IsReady => throw new NotImplementedException();

    /// <summary>The newest snapshot, without any wait.</summary>
    /// <exception cref="StoreException">Unavailable while not ready or when closed.</exception>
    public CacheSnapshot Current => throw new NotImplementedException();

    /// <summary>Waits until the first list is in, without limit.</summary>
    public ValueTask WaitReadyAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The newest snapshot once it reflects <paramref name="minRevision"/> (0: as it is now).</summary>
    /// <exception cref="StoreException">Timeout after <see cref="WaitLimit"/>: "Too large resource version"; Unavailable when not
    /// ready within that time or closed.</exception>
    public ValueTask<CacheSnapshot> ReadAsync(long minRevision, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A snapshot that reflects every write acknowledged before the call: asks the store for its revision and waits.</summary>
    /// <exception cref="StoreException">As <see cref="ReadAsync"/>, and what the store throws.</exception>
    public ValueTask<CacheSnapshot> ReadConsistentAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Waits until the cache has seen a revision: after a write, so that the writer reads what it wrote.</summary>
    /// <exception cref="StoreException">As <see cref="ReadAsync"/>.</exception>
    public ValueTask WaitForAsync(long revision, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The snapshot at exactly this revision if it is still kept (about 1,000 snapshots or 75 s); otherwise null, and the
    /// caller reads the store at that revision.</summary>
    public CacheSnapshot? TryGetAt(long revision) => throw new NotImplementedException();

    /// <summary>Starts a watcher; waits until the resource is ready if need be.</summary>
    /// <exception cref="StoreException">Compacted ("too old resource version: X (Y)") when history does not reach back to
    /// <see cref="WatchRequest.AfterRevision"/>; Unavailable when not ready within <see cref="WaitLimit"/> or closed;
    /// InvalidArgument for an IndexField that is not indexed.</exception>
    public ValueTask<Watcher> WatchAsync(WatchRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();
}
