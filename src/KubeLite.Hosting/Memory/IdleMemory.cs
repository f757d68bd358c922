namespace KubeLite.Hosting.Memory;

/// <summary>
/// Gives memory back to the system once a server rests. The runtime collects only while something is allocated, so what a
/// burst of work left behind would stay for as long as nothing happens. (Go's runtime collects every two minutes for that.)
/// </summary>
public sealed class IdleMemory : IDisposable
{
    /// <summary>How often it looks.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);

    /// <summary>A server that allocated less than this between two looks rests.</summary>
    internal const long Rest = 16 << 20;

    /// <summary>Collecting is worth its while once at least this much was allocated since the last time. It is less than what a
    /// server allocates to start.</summary>
    internal const long Worth = 16 << 20;

    /// <summary>A larger heap costs more to collect: of it, this part must have been allocated since the last time.</summary>
    internal const double WorthOfHeap = 0.25;

    /// <summary>
    /// Heaps up to this size are compacted, which stops the server for some 50 ms; larger ones only swept, beside its work.
    /// </summary>
    private const long CompactedUpTo = 256 << 20;

    private readonly Func<long> _allocated;
    private readonly Func<long> _heap;
    private readonly Action _collect;
    private readonly ITimer _timer;
    private long _seen;
    private long _collected;

    /// <summary>Begins to look after this process.</summary>
    /// <param name="time">The clock.</param>
    public IdleMemory(TimeProvider time)
        : this(time, static () => GC.GetTotalAllocatedBytes(), static () => GC.GetTotalMemory(forceFullCollection: false), Collect)
    {
    }

    internal IdleMemory(TimeProvider time, Func<long> allocated, Func<long> heap, Action collect)
    {
        _allocated = allocated;
        _heap = heap;
        _collect = collect;
        _timer = time.CreateTimer(static idle => ((IdleMemory)idle!).Look(), this, Interval, Interval);
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private static void Collect()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) <= CompactedUpTo)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        else
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }

        NativeHeap.Trim();
    }

    private void Look()
    {
        long allocated = _allocated();
        bool rests = allocated - _seen < Rest;
        _seen = allocated;
        if (rests && allocated - _collected >= Math.Max(Worth, _heap() * WorthOfHeap))
        {
            _collected = allocated;
            _collect();
        }
    }
}
