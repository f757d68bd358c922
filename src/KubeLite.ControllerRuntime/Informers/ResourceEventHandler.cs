using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>A handler made of functions; one that is null hears nothing.</summary>
public sealed class ResourceEventHandler<T>(
    Action<CachedObject<T>>? added = null, Action<CachedObject<T>, CachedObject<T>>? updated = null,
    Action<CachedObject<T>>? deleted = null)
    : IResourceEventHandler<CachedObject<T>> where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>One function for every change, given the newest state.</summary>
    public static ResourceEventHandler<T> Any(Action<CachedObject<T>> changed) => new(changed, (_, item) => changed(item), changed);

    /// <inheritdoc/>
    public void OnAdd(CachedObject<T> item, bool initial) => added?.Invoke(item);

    /// <inheritdoc/>
    public void OnUpdate(CachedObject<T> old, CachedObject<T> item) => updated?.Invoke(old, item);

    /// <inheritdoc/>
    public void OnDelete(CachedObject<T> item) => deleted?.Invoke(item);
}
