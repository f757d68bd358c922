namespace KubeLite.Storage.Caching;

/// <summary>Why a watcher ended.</summary>
public enum WatcherEnd
{
    /// <summary>It runs.</summary>
    None,

    /// <summary>It read too slowly and its queue overflowed; the client may watch again from its last event.</summary>
    Overflow,

    /// <summary>The cache had to list again after a compaction; the client must list again too.</summary>
    Expired,

    /// <summary>It was disposed, or the resource or the whole cache was closed.</summary>
    Closed,
}
