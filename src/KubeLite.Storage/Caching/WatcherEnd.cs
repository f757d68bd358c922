namespace KubeLite.Storage.Caching;

/// <summary>Why a watcher ended.</summary>
public enum WatcherEnd
{
    /// <summary>It runs.</summary>
    None,

    /// <summary>It read so slowly that history no longer holds what it has to read next; its client has to list again.</summary>
    Overflow,

    /// <summary>The cache had to list again after a compaction; the client must list again too.</summary>
    Expired,

    /// <summary>It was disposed, or the resource or the whole cache was closed.</summary>
    Closed,
}
