using System.Diagnostics;

namespace KubeLite.Benchmarks.Load;

/// <summary>Collects durations, in Stopwatch ticks. Thread-safe up to its capacity, beyond which it forgets.</summary>
public sealed class Latencies(int capacity)
{
    private readonly long[] _ticks = new long[capacity];
    private int _count;

    /// <summary>Takes one.</summary>
    public void Add(long ticks)
    {
        int at = Interlocked.Increment(ref _count) - 1;
        if (at < _ticks.Length)
        {
            _ticks[at] = ticks;
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => Math.Min(Volatile.Read(ref _count), _ticks.Length);

    /// <summary>The duration in milliseconds that a share of them (0 to 1) doesn't exceed; null where there are none.</summary>
    public double? Percentile(double share)
    {
        if (Count == 0)
        {
            return null;
        }

        long[] sorted = _ticks[..Count];
        Array.Sort(sorted);
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1000.0 / Stopwatch.Frequency;
    }
}
