namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>
/// A queue of keys in which a key waits once however often it is added, is never handed to two workers, and comes
/// again if it was added while being worked on (client-go <c>workqueue</c>). Delayed keys share one timer.
/// It is bounded by the number of distinct keys. Thread-safe.
/// </summary>
public sealed class RateLimitingQueue<TKey> : IDisposable where TKey : notnull
{
    private readonly RateLimitingQueueOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Queue<TKey> _ready = new();
    private readonly HashSet<TKey> _dirty = [];
    private readonly HashSet<TKey> _processing = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, long> _due = [];
    private readonly PriorityQueue<(TKey Key, long Due), long> _delayed = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly ITimer _timer;
    private long _adds;
    private long _retries;
    private bool _shutDown;

    /// <summary>An empty queue.</summary>
    public RateLimitingQueue(string name, RateLimitingQueueOptions options, TimeProvider time)
    {
        Name = name;
        _options = options;
        _time = time;
        _timer = time.CreateTimer(
            static queue => ((RateLimitingQueue<TKey>)queue!).Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>As metrics name it.</summary>
    public string Name { get; }

    /// <summary>Keys that wait for a worker now.</summary>
    public int Depth
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>Keys added so far, delayed ones when they came due.</summary>
    public long Adds => Interlocked.Read(ref _adds);

    /// <summary>Keys added after a failure so far.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Queues a key, unless it waits already. Does nothing after <see cref="ShutDown"/>.</summary>
    public void Add(TKey key)
    {
        lock (_lock)
        {
            AddLocked(key);
        }
    }

    /// <summary>Queues a key after a delay; of several delays for one key the shortest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }
        lock (_lock)
        {
            var due = _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency);
            if (_shutDown || (_due.TryGetValue(key, out var earlier) && earlier <= due))
            {
                return;
            }
            _due[key] = due;
            _delayed.Enqueue((key, due), due);
            SchedulePending();
        }
    }

    /// <summary>Queues a key after the delay that its failures so far call for.</summary>
    public void AddRateLimited(TKey key)
    {
        TimeSpan delay;
        lock (_lock)
        {
            var failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
            var seconds = _options.BaseDelay.TotalSeconds * Math.Pow(2, Math.Min(failures, 60));
            delay = seconds >= _options.MaximumDelay.TotalSeconds ? _options.MaximumDelay : TimeSpan.FromSeconds(seconds);
        }
        Interlocked.Increment(ref _retries);
        AddAfter(key, delay);
    }

    /// <summary>How often a key failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_lock)
        {
            return _failures.GetValueOrDefault(key);
        }
    }

    /// <summary>Ends the back-off of a key that succeeded or is given up.</summary>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>
    /// The next key, which the caller must give back with <see cref="Done"/>; waits for one. False after
    /// <see cref="ShutDown"/>, when nothing is left.
    /// </summary>
    public async ValueTask<(bool Found, TKey Key)> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _available.WaitAsync(cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                if (_ready.TryDequeue(out var key))
                {
                    _dirty.Remove(key);
                    _processing.Add(key);
                    return (true, key);
                }
                if (_shutDown)
                {
                    // Every other waiter must wake up too.
                    _available.Release();
                    return (false, default!);
                }
            }
        }
    }

    /// <summary>Gives a key back; if it was added meanwhile it waits again.</summary>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            _processing.Remove(key);
            if (_dirty.Contains(key))
            {
                _ready.Enqueue(key);
                _available.Release();
            }
        }
    }

    /// <summary>Takes no more keys; those that wait are still handed out, delayed ones are dropped.</summary>
    public void ShutDown()
    {
        lock (_lock)
        {
            if (!_shutDown)
            {
                _shutDown = true;
                _delayed.Clear();
                _due.Clear();
                _available.Release();
            }
        }
    }

    /// <summary>Ends the timer.</summary>
    public void Dispose()
    {
        ShutDown();
        _timer.Dispose();
    }

    private void AddLocked(TKey key)
    {
        if (_shutDown || !_dirty.Add(key))
        {
            return;
        }
        Interlocked.Increment(ref _adds);
        if (!_processing.Contains(key))
        {
            _ready.Enqueue(key);
            _available.Release();
        }
    }

    private void Release()
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            while (_delayed.TryPeek(out var entry, out var due) && due <= now)
            {
                _delayed.Dequeue();
                // An entry that a shorter delay overtook is stale.
                if (_due.TryGetValue(entry.Key, out var current) && current == entry.Due)
                {
                    _due.Remove(entry.Key);
                    AddLocked(entry.Key);
                }
            }
            SchedulePending();
        }
    }

    private void SchedulePending()
    {
        if (_delayed.TryPeek(out _, out var due))
        {
            var wait = TimeSpan.FromSeconds(Math.Max(0, due - _time.GetTimestamp()) / (double)_time.TimestampFrequency);
            // Timers count whole milliseconds; rounding up keeps a key from being early and the timer from spinning.
            _timer.Change(
                TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(wait.TotalMilliseconds), uint.MaxValue - 2)), Timeout.InfiniteTimeSpan);
        }
    }
}
