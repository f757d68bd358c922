namespace KubeLite.ControllerRuntime.WorkQueues;

/// <summary>A delay that doubles with every attempt. Not thread-safe.</summary>
/// <param name="initial">The first delay.</param>
/// <param name="maximum">The longest delay.</param>
/// <param name="jitter">The part of each delay that is random, 0 to 1.</param>
public sealed class Backoff(TimeSpan initial, TimeSpan maximum, double jitter)
{
    private TimeSpan? _next;

    /// <summary>The delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        var delay = _next ?? initial;
        _next = delay * 2 > maximum ? maximum : delay * 2;
        return delay * (1 - (jitter * Random.Shared.NextDouble()));
    }

    /// <summary>Starts again from the initial delay.</summary>
    public void Reset() => _next = null;
}
