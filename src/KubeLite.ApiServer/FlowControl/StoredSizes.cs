using System.Runtime.CompilerServices;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// How many objects of a resource there are, and how large they are on average. The average is taken anew once a minute. Safe
/// from any thread.
/// </summary>
internal sealed class StoredSizes(TimeProvider time)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromMinutes(1);

    private readonly ConditionalWeakTable<ResourceCache, Held> _held = [];

    /// <summary>The number of objects, and the bytes of one as JSON: at least 1 where there are any.</summary>
    public (long Count, long Average) Of(ResourceCache cache)
    {
        CacheRange all = cache.Current.Range(null, null);
        long now = time.GetTimestamp();
        Held held = _held.GetValue(cache, static _ => new Held());
        if (held.Average == 0 || time.GetElapsedTime(held.Taken, now) >= s_kept)
        {
            // Two threads may both take it: they find the same.
            long bytes = 0;
            foreach (CacheEntry entry in all)
            {
                bytes += entry.Json.Length;
            }

            held.Taken = now;
            held.Average = all.Count == 0 ? 0 : Math.Max(1, bytes / all.Count);
        }

        return (all.Count, held.Average);
    }

    private sealed class Held
    {
        private long _taken;
        private long _average;

        public long Taken
        {
            get => Volatile.Read(ref _taken);
            set => Volatile.Write(ref _taken, value);
        }

        public long Average
        {
            get => Volatile.Read(ref _average);
            set => Volatile.Write(ref _average, value);
        }
    }
}
