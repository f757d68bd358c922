namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>Where an SQLite store is and how it behaves.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The data file; it and its folder are made when missing, readable by the owner alone. Beside it SQLite keeps
    /// <c>-wal</c> and <c>-shm</c>, and the store <c>.lock</c>.</summary>
    public required string Path { get; init; }

    /// <summary>How long history is kept before automatic compaction; default 5 min, as Kubernetes compacts etcd.
    /// <see cref="Timeout.InfiniteTimeSpan"/> turns it off.</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many of the newest events watches read from memory; older ones come from the file. Default 1,024.</summary>
    public int EventsInMemory { get; init; } = 1024;

    /// <summary>A file up to this size is checked whole when it is opened, structure and values; a larger one as it is read. Default
    /// 64 MiB, which takes about a tenth of a second.</summary>
    public long CheckAtStartMaxBytes { get; init; } = 64L << 20;

    /// <summary>At most so many reads run at once; default 4.</summary>
    public int MaxReaders { get; init; } = 4;
}
