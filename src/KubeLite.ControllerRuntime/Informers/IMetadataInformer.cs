namespace KubeLite.ControllerRuntime.Informers;

/// <summary>The metadata of every object of a resource, from whichever watch of it there is.</summary>
public interface IMetadataInformer : ISharedInformer
{
    /// <summary>Adds a handler; it hears of what the cache holds already before this returns.</summary>
    void AddHandler(IResourceEventHandler<CachedObject> handler);

    /// <summary>All objects, in no order, as of now.</summary>
    IReadOnlyList<CachedObject> Metadata();

    /// <summary>The objects of one namespace, in no order, as of now.</summary>
    IReadOnlyList<CachedObject> Metadata(string ns);
}
