using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Caching;

/// <summary>Caches of all resources over one store watch. Safe for concurrent use.</summary>
/// <remarks>The watch starts with the first <see cref="Open"/>, survives a lost store, and after a compaction that it missed every
/// open resource is listed anew and its watchers end with <see cref="WatcherEnd.Expired"/>.</remarks>
public sealed partial class WatchCache : IAsyncDisposable
{
    private static readonly TimeSpan s_minBackOff = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxBackOff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_trimInterval = TimeSpan.FromSeconds(30);

    // While much changes.
    private static readonly TimeSpan s_busyTrimInterval = TimeSpan.FromSeconds(1);

    private readonly IKeyValueStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<WatchCache> _logger;
    private readonly string _rootPrefix;
    private readonly RevisionGate _revisions;
    private readonly RevisionSource _source;
    private readonly StringPool _pool = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _watching = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _syncs = [];
    private readonly EventRouter _router = new();
    private Task? _loop;
    private ITimer? _trimming;
    private int _trimRuns;
    private int _trimsOften;
    private bool _disposed;

    /// <summary>Makes a cache over a store, which it does not own.</summary>
    /// <param name="store">The store.</param>
    /// <param name="timeProvider">Clock for deadlines, retention and back-off.</param>
    /// <param name="logger">Where lost watches and unreadable objects are reported.</param>
    /// <param name="rootPrefix">What the one store watch covers; default <c>/registry/</c>.</param>
    public WatchCache(IKeyValueStore store, TimeProvider timeProvider, ILogger<WatchCache> logger, string rootPrefix = "/registry/")
    {
        _store = store;
        _time = timeProvider;
        _logger = logger;
        _rootPrefix = rootPrefix;
        _revisions = new RevisionGate(timeProvider);
        _source = new RevisionSource(store);
    }

    /// <summary>The newest store revision whose events were all applied; 0 before the watch runs.</summary>
    public long LastRevision => _revisions.Seen;

    /// <summary>Opens a resource and begins to list it in the background. A prefix that is open already is returned as it is.</summary>
    /// <exception cref="StoreException">InvalidArgument for a prefix outside the root or without a closing slash; Unavailable after
    /// disposal.</exception>
    public ResourceCache Open(ResourceCacheOptions options)
    {
        if (!options.KeyPrefix.StartsWith(_rootPrefix, StringComparison.Ordinal) || !options.KeyPrefix.EndsWith('/'))
        {
            throw new StoreException(
                StoreErrorCode.InvalidArgument, $"the key prefix {options.KeyPrefix} must lie below {_rootPrefix} and end with a slash");
        }

        lock (_lock)
        {
            if (_disposed)
            {
                throw new StoreException(StoreErrorCode.Unavailable, "the watch cache is closed");
            }

            if (_router.Find(options.KeyPrefix) is { } open)
            {
                return open;
            }

            ResourceFeed feed = new(options, _store, _revisions, _pool, TrimSoon, _time, _logger);
            ResourceCache cache = new(options, feed, _revisions, _source, _store, _time);
            _router.Add(cache);
            _loop ??= Task.Run(RunAsync);
            _trimming ??= _time.CreateTimer(static cache => ((WatchCache)cache!).Trim(), this, s_trimInterval, s_trimInterval);
            StartSync(feed);
            return cache;
        }
    }

    /// <summary>Closes a resource; its watchers end with <see cref="WatcherEnd.Closed"/>. Does nothing when it is not open.</summary>
    public void Close(string keyPrefix)
    {
        ResourceCache? closed;
        lock (_lock)
        {
            closed = _router.Remove(keyPrefix);
        }

        closed?.Feed.Close();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task[] running;
        IReadOnlyList<ResourceCache> caches;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            running = _loop is null ? [.. _syncs] : [.. _syncs, _loop];
            caches = _router.Snapshot();
        }

        if (_trimming is not null)
        {
            await _trimming.DisposeAsync();
        }

        await _stopping.CancelAsync();
        foreach (ResourceCache cache in caches)
        {
            cache.Feed.Close();
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private void Trim()
    {
        if (Interlocked.Exchange(ref _trimRuns, 1) != 0)
        {
            return;
        }

        bool soon = false;
        foreach (ResourceCache cache in _router.Snapshot())
        {
            soon |= cache.Feed.Trim();
        }

        if (!soon && Volatile.Read(ref _trimsOften) != 0)
        {
            // In this order, so that what is asked for from here on counts. What was asked for just before waits for the next change.
            _trimming!.Change(s_trimInterval, s_trimInterval);
            Volatile.Write(ref _trimsOften, 0);
        }

        Volatile.Write(ref _trimRuns, 0);
    }

    private void TrimSoon()
    {
        if (Volatile.Read(ref _trimsOften) == 0 && Interlocked.Exchange(ref _trimsOften, 1) == 0)
        {
            _trimming!.Change(s_busyTrimInterval, s_busyTrimInterval);
        }
    }

    // Under _lock.
    private void StartSync(ResourceFeed feed)
    {
        Task sync = Task.Run(() => SyncAsync(feed));
        _syncs.Add(sync);
        sync.ContinueWith(
            done =>
            {
                lock (_lock)
                {
                    _syncs.Remove(done);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    private async Task SyncAsync(ResourceFeed feed)
    {
        try
        {
            // The list must be at least as new as the watch's start.
            await _watching.Task.WaitAsync(_stopping.Token);
            await feed.SyncAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }

    private async Task RunAsync()
    {
        TimeSpan backOff = s_minBackOff;
        bool restart = true;
        while (!_stopping.IsCancellationRequested)
        {
            long before = _revisions.Seen;
            try
            {
                if (restart)
                {
                    await RestartAsync();
                    restart = false;
                }

                await FollowAsync();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException e) when (e.Code == StoreErrorCode.Compacted)
            {
                LogCompacted(_revisions.Seen, e.CompactRevision);
                restart = true;
                continue;
            }
            catch (StoreException e)
            {
                LogLost(_revisions.Seen, e.Code, e.Message);
            }
            catch (Exception e)
            {
                // An event may be half applied: only a new list makes the cache right again.
                LogFailed(e, _revisions.Seen);
                restart = true;
            }

            backOff = _revisions.Seen > before ? s_minBackOff : backOff * 2 < s_maxBackOff ? backOff * 2 : s_maxBackOff;
            await Task.Delay(backOff, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Begins at the store's present revision; whatever was cached before is forgotten and listed anew.</summary>
    private async Task RestartAsync()
    {
        long revision = await _store.GetRevisionAsync(_stopping.Token);
        lock (_lock)
        {
            // A resource opened from here on lists after this revision was read; one opened before is told to start over.
            bool first = !_watching.Task.IsCompleted;
            foreach (ResourceCache cache in _router.Snapshot())
            {
                if (cache.Feed.Invalidate())
                {
                    StartSync(cache.Feed);
                }
            }

            _revisions.Advance(revision);
            if (first)
            {
                _watching.TrySetResult();
            }
        }
    }

    private async Task FollowAsync()
    {
        await foreach (StoreWatchBatch batch in _store.WatchAsync(_rootPrefix, _revisions.Seen, _stopping.Token))
        {
            _router.Dispatch(batch.Events);
            _revisions.Advance(batch.Revision);
        }
    }

    [LoggerMessage(
        10, LogLevel.Warning, "The store was compacted to {CompactRevision} past revision {ResourceVersion}: listing everything anew")]
    private partial void LogCompacted(long resourceVersion, long compactRevision);

    [LoggerMessage(12, LogLevel.Error, "Applying store events failed at revision {ResourceVersion}: listing everything anew")]
    private partial void LogFailed(Exception exception, long resourceVersion);

    [LoggerMessage(11, LogLevel.Warning, "The store watch was lost at revision {ResourceVersion} ({Code}): {Reason}; reconnecting")]
    private partial void LogLost(long resourceVersion, StoreErrorCode code, string reason);
}
