using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>A read view of an informer's cache. Thread-safe; the objects in it are never changed.</summary>
public interface IStore<T> where T : class
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>The object, or null.</summary>
    T? Get(ObjectKey key);

    /// <summary>The object, or null. The namespace is empty for a cluster-scoped kind.</summary>
    T? Get(string? ns, string name);

    /// <summary>All objects, in no order, as of now.</summary>
    IReadOnlyList<T> List();

    /// <summary>The objects of one namespace, in no order, as of now.</summary>
    IReadOnlyList<T> ListNamespace(string ns);

    /// <summary>The objects for which the index function answered <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">No such index was added.</exception>
    IReadOnlyList<T> ByIndex(string index, string value);
}
