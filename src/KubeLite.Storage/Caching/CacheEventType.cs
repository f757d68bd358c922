namespace KubeLite.Storage.Caching;

/// <summary>The type of a watch event, as Kubernetes names it.</summary>
public enum CacheEventType
{
    /// <summary>The object came into the watcher's selection.</summary>
    Added,

    /// <summary>The object changed and was selected before and after.</summary>
    Modified,

    /// <summary>The object was deleted or left the selection.</summary>
    Deleted,
}
