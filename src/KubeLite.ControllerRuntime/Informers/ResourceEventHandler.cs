namespace KubeLite.ControllerRuntime.Informers;

/// <summary>A handler made of functions; one that is null hears nothing.</summary>
public sealed class ResourceEventHandler<T>(
    Action<T>? added = null, Action<T, T>? updated = null, Action<T>? deleted = null) : IResourceEventHandler<T>
{
    /// <summary>One function for every change, given the newest state.</summary>
    public static ResourceEventHandler<T> Any(Action<T> changed) => new(changed, (_, item) => changed(item), changed);

    /// <inheritdoc/>
    public void OnAdd(T item, bool initial) => added?.Invoke(item);

    /// <inheritdoc/>
    public void OnUpdate(T old, T item) => updated?.Invoke(old, item);

    /// <inheritdoc/>
    public void OnDelete(T item) => deleted?.Invoke(item);
}
