namespace KubeLite.Storage.Embedded;

/// <summary>Keys with a time to live and the one timer for the nearest deadline. Nothing runs while no deadline is near. Safe for
/// concurrent use.</summary>
internal sealed class ExpiryQueue : IAsyncDisposable
{
    // Deadlines closer together than this are served by one wake-up.
    private static readonly TimeSpan s_grain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromDays(20);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<Expiring, DateTimeOffset> _queue = new();
    private readonly TimeProvider _time;
    private readonly Action<IReadOnlyList<Expiring>> _expire;
    private readonly ITimer _timer;
    private DateTimeOffset _armed = DateTimeOffset.MaxValue;

    /// <summary>Makes a queue.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="expire">Receives the keys whose time is over; must delete each if its revision still is the one given, and must
    /// not throw or block for long.</param>
    public ExpiryQueue(TimeProvider time, Action<IReadOnlyList<Expiring>> expire)
    {
        _time = time;
        _expire = expire;
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a key that expires at a time unless it is written again before.</summary>
    public void Add(string key, long modRevision, DateTimeOffset deadline)
    {
        lock (_lock)
        {
            _queue.Enqueue(new Expiring(key, modRevision), deadline);
            Arm(deadline);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void OnTimer()
    {
        List<Expiring> due = [];
        lock (_lock)
        {
            _armed = DateTimeOffset.MaxValue;
            DateTimeOffset now = _time.GetUtcNow();
            while (_queue.TryPeek(out Expiring expiring, out DateTimeOffset deadline) && deadline <= now)
            {
                _queue.Dequeue();
                due.Add(expiring);
            }

            if (_queue.TryPeek(out _, out DateTimeOffset next))
            {
                Arm(next < now + s_grain ? now + s_grain : next);
            }
        }

        if (due.Count > 0)
        {
            _expire(due);
        }
    }

    private void Arm(DateTimeOffset deadline)
    {
        if (deadline < _armed)
        {
            _armed = deadline;
            TimeSpan delay = deadline - _time.GetUtcNow();
            delay = delay < TimeSpan.Zero ? TimeSpan.Zero : delay > s_maxDelay ? s_maxDelay : delay;
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A key and the revision at which its time to live was set.</summary>
    internal readonly record struct Expiring(string Key, long ModRevision);
}
