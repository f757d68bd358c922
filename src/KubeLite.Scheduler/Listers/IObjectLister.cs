namespace KubeLite.Scheduler.Listers;

/// <summary>Reads objects of one kind from a cache. Thread-safe; what it returns is not to be changed.</summary>
internal interface IObjectLister<out T> where T : class
{
    /// <summary>The object of a name; null when the cache does not have it. The namespace is empty for cluster-scoped kinds.</summary>
    T? Find(string ns, string name);

    /// <summary>The objects of a namespace; null for all.</summary>
    IEnumerable<T> List(string? ns);
}
