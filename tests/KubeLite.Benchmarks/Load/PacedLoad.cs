using System.Diagnostics;

namespace KubeLite.Benchmarks.Load;

/// <summary>
/// Begins requests at a steady rate, whether or not earlier ones have been answered, as many independent clients do. A duration counts
/// from the moment when the request was due, so that a server that stands still is not spared the requests that it kept waiting.
/// </summary>
/// <param name="perSecond">How many begin a second.</param>
/// <param name="most">How many at most over the whole time.</param>
public sealed class PacedLoad(double perSecond, int most)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(5);

    private readonly Latencies _durations = new(most);
    private int _failed;

    /// <summary>Runs until the token says so, and returns when all that began has ended.</summary>
    /// <param name="once">Does it for a number from 0; returns the bytes received, or -1 where it failed.</param>
    /// <param name="stop">Ends it.</param>
    public async Task<LoadResult> RunAsync(Func<int, Task<long>> once, CancellationToken stop)
    {
        var running = new List<Task>();
        long begun = Stopwatch.GetTimestamp();
        int next = 0;
        while (!stop.IsCancellationRequested && next < most)
        {
            for (; next < most && next / perSecond <= Stopwatch.GetElapsedTime(begun).TotalSeconds; next++)
            {
                running.Add(OnceAsync(once, next, begun + (long)(next / perSecond * Stopwatch.Frequency)));
            }

            await Task.Delay(s_tick, CancellationToken.None);
        }

        await Task.WhenAll(running);
        return new LoadResult(_durations.Count, _failed, Stopwatch.GetElapsedTime(begun).TotalSeconds, 0, _durations);
    }

    private async Task OnceAsync(Func<int, Task<long>> once, int number, long due)
    {
        long received;
        try
        {
            received = await once(number);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // A server that cuts connections or never answers fails this request, not the measure.
            received = -1;
        }

        _durations.Add(Stopwatch.GetTimestamp() - due);
        if (received < 0)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
