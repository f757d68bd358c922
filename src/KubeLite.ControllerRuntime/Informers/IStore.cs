using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// A read view of an informer's cache. Thread-safe; the objects in it are never changed. Objects are read when they are first
/// asked for (<see cref="CachedObject{T}"/>): where the metadata tells whether one is wanted, the <c>Cached</c> methods spare
/// reading the others. Those that give models throw <see cref="JsonException"/> where an object isn't a <typeparamref name="T"/>.
/// </summary>
public interface IStore<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>How many objects there are.</summary>
    int Count { get; }

    /// <summary>The object, or null.</summary>
    T? Get(ObjectKey key);

    /// <summary>The object, or null. The namespace is empty for a cluster-scoped kind.</summary>
    T? Get(string? ns, string name);

    /// <summary>The object, or null.</summary>
    CachedObject<T>? Cached(ObjectKey key);

    /// <summary>All objects, in no order, as of now.</summary>
    IReadOnlyList<T> List();

    /// <summary>All objects, in no order, as of now.</summary>
    IReadOnlyList<CachedObject<T>> Cached();

    /// <summary>The objects of one namespace, in no order, as of now.</summary>
    IReadOnlyList<T> ListNamespace(string ns);

    /// <summary>The objects of one namespace, in no order, as of now.</summary>
    IReadOnlyList<CachedObject<T>> CachedNamespace(string ns);

    /// <summary>The objects for which the index function answered <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">No such index was added.</exception>
    IReadOnlyList<T> ByIndex(string index, string value);

    /// <inheritdoc cref="ByIndex"/>
    IReadOnlyList<CachedObject<T>> CachedByIndex(string index, string value);
}
