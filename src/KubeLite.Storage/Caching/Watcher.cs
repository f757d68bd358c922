namespace KubeLite.Storage.Caching;

/// <summary>One watcher of one resource. Read by one consumer at a time; dispose it when done.</summary>
/// <remarks>The loop of an endpoint: <c>while (await w.WaitToReadAsync(untilNextBookmark, ct)) { while (w.TryRead(out e)) write(e);
/// if (bookmarkDue &amp;&amp; w.TryGetProgress(out r)) writeBookmark(r); }</c>, then look at <see cref="End"/>.</remarks>
public sealed class Watcher : IDisposable
{
    internal Watcher()
    {
    }

    /// <summary>Why it ended; None while it runs. Events queued before the end can still be read.</summary>
    public WatcherEnd End => throw new NotImplementedException();

    /// <summary>The newest revision the cache has seen; events up to it may still wait to be read.</summary>
    public long LastRevision => throw new NotImplementedException();

    /// <summary>Takes the next event if one waits.</summary>
    public bool TryRead(out CacheEvent cacheEvent) => throw new NotImplementedException();

    /// <summary>Waits until an event can be read, the timeout has passed or the watcher has ended. True: carry on (there may be
    /// nothing to read after a timeout). False: it has ended and everything was read.</summary>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <param name="cancellationToken">Ends the wait with OperationCanceledException.</param>
    public ValueTask<bool> WaitToReadAsync(TimeSpan timeout, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The revision a bookmark may carry now: every event up to it was read. False while events wait.</summary>
    public bool TryGetProgress(out long revision) => throw new NotImplementedException();

    /// <inheritdoc />
    public void Dispose() => throw new NotImplementedException();
}
