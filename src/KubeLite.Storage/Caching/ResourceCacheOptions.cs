namespace KubeLite.Storage.Caching;

/// <summary>What one resource's cache holds and how its entries are read.</summary>
public sealed record ResourceCacheOptions
{
    /// <summary>Where the resource's keys are, with the closing slash: <c>/registry/pods/</c>.</summary>
    public required string KeyPrefix { get; init; }

    /// <summary>True: keys go on with <c>namespace/name</c>; false: with <c>name</c>.</summary>
    public required bool Namespaced { get; init; }

    /// <summary>Fields that selectors need beyond metadata.name and metadata.namespace, as dotted JSON paths
    /// (<c>spec.nodeName</c>). Strings, booleans and numbers are kept as text; a missing field is the empty string.</summary>
    public IReadOnlyList<string> FieldPaths { get; init; } = [];

    /// <summary>Those of <see cref="FieldPaths"/> by which snapshots and watchers are indexed.</summary>
    public IReadOnlyList<string> IndexedFields { get; init; } = [];

    /// <summary>Turns stored bytes into canonical JSON. Null: they are canonical JSON already. A <see cref="StoreException"/> keeps the
    /// whole resource from being ready until the value is readable or gone: an object that is there must never look as if it were not,
    /// or its dependents are collected. Any other exception keeps the object out of the cache. Both are logged.</summary>
    public Func<KeyValue, ReadOnlyMemory<byte>>? Transform { get; init; }

    /// <summary>How many events the history keeps at least; default 1,024. It grows with the rate so that
    /// <see cref="HistoryRetention"/> is covered, up to 65,536.</summary>
    public int MinHistory { get; init; } = 1024;

    /// <summary>How long events and old snapshots are kept if their number allows; default 75 s.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromSeconds(75);
}
