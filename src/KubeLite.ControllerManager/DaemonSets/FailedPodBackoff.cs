using System.Collections.Concurrent;

namespace KubeLite.ControllerManager.DaemonSets;

/// <summary>How long a failed Pod stays on its node before another is tried: 1 second doubling to 15 minutes. Thread-safe.</summary>
internal sealed class FailedPodBackoff(TimeProvider time)
{
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, (TimeSpan Delay, long Since)> _entries = new(StringComparer.Ordinal);

    /// <summary>Zero if the Pod may be replaced now, which doubles the next delay; else how long to wait.</summary>
    internal TimeSpan Left(string key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            var elapsed = time.GetElapsedTime(entry.Since);
            if (elapsed < entry.Delay)
            {
                return entry.Delay - elapsed;
            }
            if (elapsed > 2 * s_longest)
            {
                entry = default;
            }
        }
        var next = entry.Delay == default ? TimeSpan.FromSeconds(1) : entry.Delay * 2 > s_longest ? s_longest : entry.Delay * 2;
        _entries[key] = (next, time.GetTimestamp());
        return TimeSpan.Zero;
    }
}
