namespace KubeLite.Storage.Caching;

/// <summary>The revision that the cache has seen, and those who wait for a later one. Safe for concurrent use.</summary>
internal sealed class RevisionGate(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<Waiter> _waiters = [];
    private long _seen;

    public long Seen => Volatile.Read(ref _seen);

    /// <summary>Called when every event up to <paramref name="revision"/> was applied.</summary>
    public void Advance(long revision)
    {
        lock (_lock)
        {
            if (revision <= _seen)
            {
                return;
            }

            Volatile.Write(ref _seen, revision);
            int kept = 0;
            for (int i = 0; i < _waiters.Count; i++)
            {
                Waiter waiter = _waiters[i];
                if (waiter.Revision <= revision)
                {
                    waiter.TrySetResult();
                }
                else
                {
                    _waiters[kept++] = waiter;
                }
            }

            _waiters.RemoveRange(kept, _waiters.Count - kept);
        }
    }

    /// <summary>Waits until <paramref name="revision"/> was seen. False after <paramref name="limit"/>.</summary>
    public ValueTask<bool> WaitAsync(long revision, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Seen >= revision)
        {
            return new ValueTask<bool>(true);
        }

        Waiter waiter = new(revision);
        lock (_lock)
        {
            if (_seen >= revision)
            {
                return new ValueTask<bool>(true);
            }

            _waiters.Add(waiter);
        }

        return new ValueTask<bool>(WaitSlowAsync(waiter, limit, cancellationToken));
    }

    private async Task<bool> WaitSlowAsync(Waiter waiter, TimeSpan limit, CancellationToken cancellationToken)
    {
        // The time is often up where the revision is of a key that no event reports: no exception for that.
        await waiter.Task.WaitAsync(limit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (waiter.Task.IsCompleted)
        {
            return true;
        }

        lock (_lock)
        {
            _waiters.Remove(waiter);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    private sealed class Waiter(long revision) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Revision { get; } = revision;
    }
}
