namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Hears of every change of an informer's cache, in order and one at a time, after the cache holds it. A handler must
/// be quick and must not throw: it enqueues keys and returns. Objects it is given belong to the cache and are never
/// changed.
/// </summary>
public interface IResourceEventHandler<in T>
{
    /// <summary>An object is new to the cache.</summary>
    /// <param name="item">The object.</param>
    /// <param name="initial">Whether it is part of the first list rather than news.</param>
    void OnAdd(T item, bool initial);

    /// <summary>An object changed; after a new list both may be of the same version.</summary>
    void OnUpdate(T old, T item);

    /// <summary>An object is gone. After a gap in the watch it may be an older state than the last one.</summary>
    void OnDelete(T item);
}
