namespace KubeLite.Storage.Embedded.Memory;

/// <summary>How an in-memory store behaves.</summary>
public sealed record MemoryStoreOptions
{
    /// <summary>How long history is kept before automatic compaction; default 5 min, as Kubernetes compacts etcd.
    /// <see cref="Timeout.InfiniteTimeSpan"/> turns it off.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromMinutes(5);
}
