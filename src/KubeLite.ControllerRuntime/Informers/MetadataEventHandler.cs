namespace KubeLite.ControllerRuntime.Informers;

/// <summary>A handler for objects of any kind, given their newest state.</summary>
public sealed class MetadataEventHandler(Action<CachedObject> changed, Action<CachedObject> deleted) : IResourceEventHandler<CachedObject>
{
    /// <inheritdoc/>
    public void OnAdd(CachedObject item, bool initial) => changed(item);

    /// <inheritdoc/>
    public void OnUpdate(CachedObject old, CachedObject item) => changed(item);

    /// <inheritdoc/>
    public void OnDelete(CachedObject item) => deleted(item);
}
