namespace KubeLite.Storage.Caching;

/// <summary>What one watcher wants to see.</summary>
public sealed record WatchRequest
{
    /// <summary>Only events with a greater revision are delivered.</summary>
    public required long AfterRevision { get; init; }

    /// <summary>Only objects of this namespace. Null: all.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only objects of this name. Null: all.</summary>
    public string? Name { get; init; }

    /// <summary>One of <see cref="ResourceCacheOptions.IndexedFields"/> that must equal <see cref="IndexValue"/>: cheaper than the
    /// same test in <see cref="Predicate"/>, because other events never reach the watcher. Null: no such condition.</summary>
    public string? IndexField { get; init; }

    /// <summary>The value <see cref="IndexField"/> must have.</summary>
    public string? IndexValue { get; init; }

    /// <summary>Which objects are selected; called on the cache's own loop, so it must be fast and must not throw or block.
    /// Null: all.</summary>
    public Func<CacheEntry, bool>? Predicate { get; init; }

    /// <summary>How many events may wait in the watcher's own queue; what comes beyond is read from history. Default 1,024.</summary>
    public int QueueCapacity { get; init; } = 1024;
}
