namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>Requests on their way from many callers to the one writer thread. Bounded: callers wait for room without blocking.</summary>
internal sealed class WriteQueue : IDisposable
{
    private const int Capacity = 4096;

    private readonly object _lock = new();
    private readonly Queue<WriteRequest> _queue = new();
    private readonly SemaphoreSlim _room = new(Capacity);
    private bool _closed;

    /// <summary>Queues a request, waiting for room if need be.</summary>
    /// <exception cref="StoreException">Unavailable when the store is closed.</exception>
    public async ValueTask AddAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        if (!TryAdd(request))
        {
            throw new StoreException(StoreErrorCode.Unavailable, "the store is closed");
        }
    }

    /// <summary>Queues a request that the store itself makes, which may exceed the bound. False when closed.</summary>
    public bool AddInternal(WriteRequest request)
    {
        _room.Wait(0);
        return TryAdd(request);
    }

    /// <summary>Moves waiting requests to <paramref name="batch"/>; blocks until there is one if <paramref name="wait"/>. False when
    /// closed and empty.</summary>
    public bool Take(List<WriteRequest> batch, int max, bool wait)
    {
        lock (_lock)
        {
            while (_queue.Count == 0 && wait && !_closed)
            {
                Monitor.Wait(_lock);
            }

            while (batch.Count < max && _queue.TryDequeue(out WriteRequest? request))
            {
                batch.Add(request);
            }

            // Requests of the store itself may have come without taking room.
            int room = Math.Min(batch.Count, Capacity - _room.CurrentCount);
            if (room > 0)
            {
                _room.Release(room);
            }

            return batch.Count > 0 || !_closed;
        }
    }

    /// <summary>Takes no more requests; those that wait are still served.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _room.Dispose();

    private bool TryAdd(WriteRequest request)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _queue.Enqueue(request);
            Monitor.Pulse(_lock);
            return true;
        }
    }
}
