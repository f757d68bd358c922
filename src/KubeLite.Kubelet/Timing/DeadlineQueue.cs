namespace KubeLite.Kubelet.Timing;

/// <summary>
/// Runs callbacks at their time, any number of them with a single timer. Callbacks run one after the other on a thread of the
/// pool and must be short. Thread-safe.
/// </summary>
public sealed class DeadlineQueue : IDisposable
{
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<Deadline, long> _queue = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    /// <summary>Makes an empty queue.</summary>
    public DeadlineQueue(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((DeadlineQueue)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs a callback at a time, or at once when it has passed. Nothing runs after disposal.</summary>
    /// <returns>Cancels the callback when disposed before its time.</returns>
    public IDisposable Schedule(DateTimeOffset when, Action callback)
    {
        var deadline = new Deadline(callback);
        lock (_lock)
        {
            if (!_disposed)
            {
                _queue.Enqueue(deadline, when.UtcTicks);
                Arm();
            }
        }

        return deadline;
    }

    /// <summary>Runs a callback after a delay.</summary>
    public IDisposable Schedule(TimeSpan delay, Action callback) => Schedule(_time.GetUtcNow() + delay, callback);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _queue.Clear();
        }

        _timer.Dispose();
    }

    private void Fire()
    {
        while (true)
        {
            Deadline deadline;
            lock (_lock)
            {
                _armedFor = long.MaxValue;
                if (_disposed || !_queue.TryPeek(out deadline!, out var ticks) || ticks > _time.GetUtcNow().UtcTicks)
                {
                    Arm();
                    return;
                }

                _queue.Dequeue();
            }

            deadline.Run();
        }
    }

    private void Arm()
    {
        if (_disposed || !_queue.TryPeek(out _, out var ticks) || ticks >= _armedFor)
        {
            return;
        }

        var delay = TimeSpan.FromTicks(Math.Max(0, ticks - _time.GetUtcNow().UtcTicks));

        // Timers count milliseconds and round down, which would fire too early and spin.
        delay = TimeSpan.FromMilliseconds(Math.Ceiling(delay.TotalMilliseconds));
        _armedFor = ticks;
        _timer.Change(delay < s_longestTimer ? delay : s_longestTimer, Timeout.InfiniteTimeSpan);
    }

    private sealed class Deadline(Action callback) : IDisposable
    {
        private Action? _callback = callback;

        public void Run() => Interlocked.Exchange(ref _callback, null)?.Invoke();

        public void Dispose() => _callback = null;
    }
}
