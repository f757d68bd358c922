namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Hears of every change of an informer's cache, in order and one at a time, after the cache holds it. A handler must
/// be quick and must not throw: it enqueues keys and returns. Objects it is given belong to the cache and are never
/// changed; one that looks at no more than their metadata spares the cache from reading the rest.
/// </summary>
/// <typeparam name="TItem">A <see cref="CachedObject{T}"/>, or <see cref="CachedObject"/> for a handler of any kind.</typeparam>
public interface IResourceEventHandler<in TItem> where TItem : CachedObject
{
    /// <summary>An object is new to the cache.</summary>
    /// <param name="item">The object.</param>
    /// <param name="initial">Whether it is part of the first list rather than news.</param>
    void OnAdd(TItem item, bool initial);

    /// <summary>An object changed; after a new list both may be of the same version.</summary>
    void OnUpdate(TItem old, TItem item);

    /// <summary>An object is gone. After a gap in the watch it may be an older state than the last one.</summary>
    void OnDelete(TItem item);
}
