using System.Diagnostics;

namespace KubeLite.Benchmarks.Load;

/// <summary>Does a thing many times, some at once, and measures each.</summary>
public static class LoadGenerator
{
    /// <summary>Runs until the count is reached or the time is up.</summary>
    /// <param name="count">How many times.</param>
    /// <param name="atOnce">How many at once.</param>
    /// <param name="limit">After which no more are begun.</param>
    /// <param name="once">Does it for a number from 0; returns the bytes received, or -1 where it failed.</param>
    public static async Task<LoadResult> RunAsync(int count, int atOnce, TimeSpan limit, Func<int, Task<long>> once)
    {
        var durations = new Latencies(count);
        int next = 0, failed = 0;
        long bytes = 0;
        long begun = Stopwatch.GetTimestamp();
        async Task WorkAsync()
        {
            while (Stopwatch.GetElapsedTime(begun) < limit && Interlocked.Increment(ref next) - 1 is int i && i < count)
            {
                long start = Stopwatch.GetTimestamp();
                long received = await once(i);
                durations.Add(Stopwatch.GetTimestamp() - start);
                if (received < 0)
                {
                    Interlocked.Increment(ref failed);
                }
                else
                {
                    Interlocked.Add(ref bytes, received);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Task.Run(WorkAsync)));
        return new LoadResult(durations.Count, failed, Stopwatch.GetElapsedTime(begun).TotalSeconds, bytes, durations);
    }
}
