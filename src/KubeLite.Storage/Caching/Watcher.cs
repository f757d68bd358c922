using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace KubeLite.Storage.Caching;

/// <summary>One watcher of one resource. Read by one consumer at a time; dispose it when done. Events wait for it in a short queue;
/// one that falls behind by more reads on from the resource's history, and ends only when it is slower than that.</summary>
/// <remarks>The loop of an endpoint: <c>while (await w.WaitToReadAsync(ct)) { while (w.TryRead(out e)) write(e);
/// if (w.TakeWake() &amp;&amp; w.TryGetProgress(out r)) writeBookmark(r); }</c>, then look at <see cref="End"/>.</remarks>
public sealed class Watcher : IDisposable
{
    private readonly ResourceFeed _feed;

    // A null wakes the reader and is nothing to read.
    private readonly Channel<CacheEvent?> _queue;
    private CacheChange[] _replay = [];
    private int _replayed;
    private int _end;
    private int _woken;

    // The first change that found the queue full; later ones aren't queued until the reader has taken it from history.
    private CacheChange? _missed;

    internal Watcher(ResourceFeed feed, WatchRequest request, int indexFieldPosition)
    {
        _feed = feed;
        Request = request;
        IndexFieldPosition = indexFieldPosition;
        _queue = Channel.CreateBounded<CacheEvent?>(new BoundedChannelOptions(request.QueueCapacity)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
            AllowSynchronousContinuations = false,
        });
    }

    /// <summary>Why it ended; None while it runs. Events queued before the end can still be read.</summary>
    public WatcherEnd End => (WatcherEnd)Volatile.Read(ref _end);

    /// <summary>The newest revision the cache has seen; events up to it may still wait to be read.</summary>
    public long LastRevision => _feed.Seen;

    internal WatchRequest Request { get; }

    /// <summary>The position of the indexed field in the layout; -1 for none.</summary>
    internal int IndexFieldPosition { get; }

    /// <summary>Its place in its group; owned by the group.</summary>
    internal int GroupIndex { get; set; } = -1;

    /// <summary>Takes the next event if one waits.</summary>
    public bool TryRead([MaybeNullWhen(false)] out CacheEvent cacheEvent)
    {
        do
        {
            if (TryReplay(out cacheEvent) || TryTake(out cacheEvent))
            {
                return true;
            }
        }
        while (Volatile.Read(ref _missed) is not null && _feed.CatchUp(this));

        return false;
    }

    /// <summary>Waits until an event can be read, it is woken or has ended. True: carry on (there may be nothing to read). False: it
    /// has ended and everything was read.</summary>
    /// <param name="cancellationToken">Ends the wait with OperationCanceledException. A wait that can't be cancelled costs no memory:
    /// who waits often lets <see cref="Close"/> end it.</param>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken) =>
        _replayed < _replay.Length || _queue.Reader.TryPeek(out _) || (Volatile.Read(ref _missed) is not null && End == WatcherEnd.None)
            ? new ValueTask<bool>(true)
            : _queue.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Lets who reads carry on, now or with the next wait. Thread-safe.</summary>
    public void Wake()
    {
        Volatile.Write(ref _woken, 1);
        // Where the queue is full nobody waits.
        _queue.Writer.TryWrite(null);
    }

    /// <summary>Whether it was woken since it was asked last.</summary>
    public bool TakeWake() => Volatile.Read(ref _woken) != 0 && Interlocked.Exchange(ref _woken, 0) != 0;

    /// <summary>Ends it, with what was queued still to be read. Thread-safe.</summary>
    public void Close() => Finish(WatcherEnd.Closed);

    /// <summary>The revision a bookmark may carry now: every event up to it was read. False while events wait.</summary>
    public bool TryGetProgress(out long revision)
    {
        // Events are queued before their revision counts as seen, so the order of these two reads matters.
        revision = Math.Max(_feed.Seen, Request.AfterRevision);
        return _replayed >= _replay.Length && Volatile.Read(ref _missed) is null && !_queue.Reader.TryPeek(out _) && End == WatcherEnd.None;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Close();
        _feed.Unregister(this);
    }

    /// <summary>Sets what happened before the watcher joined; called once, before any other use.</summary>
    internal void SetReplay(CacheChange[] changes) => _replay = changes;

    /// <summary>Queues a change if it is selected, or remembers that history has to be read from it on: a burst must not end a watcher
    /// that only had no time to read. Called under the feed's lock. False when the watcher has ended.</summary>
    internal bool Offer(CacheChange change)
    {
        if (End != WatcherEnd.None)
        {
            return false;
        }

        if (_missed is null && EventOf(change) is { } selected && !_queue.Writer.TryWrite(selected))
        {
            Volatile.Write(ref _missed, change);
        }

        return true;
    }

    /// <summary>Goes on from history, which holds what was missed, or ends where it doesn't any more. Called under the feed's lock,
    /// by the reader. False when the watcher has ended.</summary>
    internal bool CatchUp(ChangeHistory history)
    {
        // A burst may have filled the queue since the reader found it empty: what is in it comes first.
        if (_queue.Reader.TryPeek(out _))
        {
            return true;
        }

        if (End == WatcherEnd.None && history.From(_missed!) is { } changes)
        {
            _replay = changes;
            Volatile.Write(ref _missed, null);
            return true;
        }

        Finish(WatcherEnd.Overflow);
        return false;
    }

    internal void Finish(WatcherEnd reason)
    {
        if (Interlocked.CompareExchange(ref _end, (int)reason, (int)WatcherEnd.None) == (int)WatcherEnd.None)
        {
            _queue.Writer.TryComplete();
        }
    }

    private bool TryReplay([MaybeNullWhen(false)] out CacheEvent cacheEvent)
    {
        // History is evaluated here, on the reader's time, not under the feed's lock.
        while (_replayed < _replay.Length)
        {
            if (EventOf(_replay[_replayed++]) is { } replayed)
            {
                cacheEvent = replayed;
                return true;
            }
        }

        if (_replay.Length > 0)
        {
            _replay = [];
            _replayed = 0;
        }

        cacheEvent = null;
        return false;
    }

    private bool TryTake([MaybeNullWhen(false)] out CacheEvent cacheEvent)
    {
        while (_queue.Reader.TryRead(out cacheEvent))
        {
            if (cacheEvent is not null)
            {
                return true;
            }
        }

        return false;
    }

    private CacheEvent? EventOf(CacheChange change) => change.Revision <= Request.AfterRevision
        ? null
        : change.EventFor(change.Previous is { } before && Selects(before), change.Entry is { } now && Selects(now));

    private bool Selects(CacheEntry entry) =>
        (Request.Namespace is null || string.Equals(entry.Namespace, Request.Namespace, StringComparison.Ordinal))
        && (Request.Name is null || string.Equals(entry.Name, Request.Name, StringComparison.Ordinal))
        && (IndexFieldPosition < 0 || string.Equals(entry.FieldArray[IndexFieldPosition], Request.IndexValue, StringComparison.Ordinal))
        && (Request.Predicate is null || Request.Predicate(entry));
}
