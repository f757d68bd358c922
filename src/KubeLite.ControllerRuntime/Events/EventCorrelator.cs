using k8s.Models;

namespace KubeLite.ControllerRuntime.Events;

/// <summary>
/// Decides whether an event is new, repeats one that was written, or is too much. It remembers the last 4096 events,
/// aggregations and sources each. Not thread-safe.
/// </summary>
internal sealed class EventCorrelator(TimeProvider time)
{
    private const int Remembered = 4096;
    private const int SimilarBeforeCombining = 10;
    private const double Burst = 25;
    private const string CombinedPrefix = "(combined from similar events): ";
    private static readonly TimeSpan s_similarInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_refillInterval = TimeSpan.FromMinutes(5);

    private readonly LruCache<string, Observed> _observed = new(Remembered);
    private readonly LruCache<string, Similar> _similar = new(Remembered);
    private readonly LruCache<string, Bucket> _buckets = new(Remembered);

    internal readonly record struct Decision(Corev1Event Event, string? ExistingName, bool Dropped);

    /// <summary>What to write for an event, if anything.</summary>
    internal Decision Correlate(Corev1Event item)
    {
        if (!TakeToken(SourceKey(item)))
        {
            return new Decision(item, null, Dropped: true);
        }
        item = Combine(item);
        var observed = _observed.GetOrAdd(ObservedKey(item), static () => new Observed());
        observed.Count++;
        if (observed.Name is null)
        {
            observed.First = item.FirstTimestamp;
            return new Decision(item, null, Dropped: false);
        }
        item.Count = observed.Count;
        item.FirstTimestamp = observed.First;
        return new Decision(item, observed.Name, Dropped: false);
    }

    /// <summary>Remembers under which name an event was written.</summary>
    internal void Written(Corev1Event item, string name) =>
        _observed.GetOrAdd(ObservedKey(item), static () => new Observed { Count = 1 }).Name = name;

    private Corev1Event Combine(Corev1Event item)
    {
        var similar = _similar.GetOrAdd(SimilarKey(item), static () => new Similar());
        var now = time.GetUtcNow();
        if (now - similar.Last > s_similarInterval)
        {
            similar.Messages.Clear();
        }
        similar.Last = now;
        similar.Messages.Add(item.Message ?? "");
        if (similar.Messages.Count < SimilarBeforeCombining)
        {
            return item;
        }
        // The set needs no more than the bound to know that it was reached.
        similar.Messages.Remove(item.Message ?? "");
        item.Message = CombinedPrefix + item.Message;
        return item;
    }

    private bool TakeToken(string source)
    {
        var bucket = _buckets.GetOrAdd(source, () => new Bucket { Tokens = Burst, Filled = time.GetTimestamp() });
        var elapsed = time.GetElapsedTime(bucket.Filled);
        bucket.Filled = time.GetTimestamp();
        bucket.Tokens = Math.Min(Burst, bucket.Tokens + (elapsed / s_refillInterval));
        if (bucket.Tokens < 1)
        {
            return false;
        }
        bucket.Tokens--;
        return true;
    }

    private static string SourceKey(Corev1Event item)
    {
        var o = item.InvolvedObject;
        return string.Join('\n', item.Source.Component, item.Source.Host, o.Kind, o.NamespaceProperty, o.Name, o.Uid, o.ApiVersion);
    }

    private static string SimilarKey(Corev1Event item) => string.Join('\n', SourceKey(item), item.Type, item.Reason);

    // A combined event repeats whatever its message says.
    private static string ObservedKey(Corev1Event item) => string.Join('\n', SimilarKey(item), item.InvolvedObject.FieldPath,
        item.Message?.StartsWith(CombinedPrefix, StringComparison.Ordinal) == true ? CombinedPrefix : item.Message);

    private sealed class Observed
    {
        internal int Count { get; set; }

        internal string? Name { get; set; }

        internal DateTime? First { get; set; }
    }

    private sealed class Similar
    {
        internal HashSet<string> Messages { get; } = [];

        internal DateTimeOffset Last { get; set; }
    }

    private sealed class Bucket
    {
        internal double Tokens { get; set; }

        internal long Filled { get; set; }
    }
}
