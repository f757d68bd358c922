using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Admission;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Endpoints;
using KubeLite.ApiServer.Registry.Catalog;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Serving;

/// <summary>
/// The parts that objects are kept by, put together over one store: what kinds there are, who may do what, and how objects are written.
/// </summary>
internal sealed class ObjectParts
{
    /// <summary>Puts them together; reads nothing.</summary>
    public ObjectParts(ServerSettings settings, ApiServerOptions options, IKeyValueStore store, WatchCache cache, TimeProvider time)
    {
        Defaulter defaulter = BuiltInDefaults.Make();
        Store = store;
        Registry = new ResourceRegistry(cache, new StoredValues(defaulter));
        Codec = new ObjectCodec(Registry, defaulter);
        Ports = new NodePortRange(store, settings.Network);
        Allocator = new ServiceAllocator(settings.Network, Registry, Ports);
        Rbac = new RbacAuthorizer(Registry);
        Authorizer = new Authorizer(options, Rbac, new NodeAuthorizer(Registry));
        Registry.Add(BuiltInResources.Make(ApiFacts.Newest, BuiltInStrategies.Make(options, Allocator, Authorizer)));
        var quotas = new ResourceQuotaPlugin(Registry);
        Objects = new ObjectStore(store, Registry, Codec, AdmissionPlugins.Make(Registry, Authorizer, quotas, time));
        Writes = new WriteEndpoint(Registry, Codec, Objects);
        Writer = new SystemWriter(Registry, Codec, Objects, Writes, time);

        // They take part in every write and write objects themselves.
        Allocator.Writer = Writer;
        quotas.Writer = Writer;
    }

    /// <summary>Where it all is in the end.</summary>
    public IKeyValueStore Store { get; }

    /// <summary>What is served, and its caches.</summary>
    public ResourceRegistry Registry { get; }

    /// <summary>Reads what is sent.</summary>
    public ObjectCodec Codec { get; }

    /// <summary>The node ports that are taken.</summary>
    public NodePortRange Ports { get; }

    /// <summary>Gives Services their addresses and ports.</summary>
    public ServiceAllocator Allocator { get; }

    /// <summary>RBAC alone.</summary>
    public RbacAuthorizer Rbac { get; }

    /// <summary>Every authorizer that the options name.</summary>
    public Authorizer Authorizer { get; }

    /// <summary>Changes objects.</summary>
    public ObjectStore Objects { get; }

    /// <summary>Changes objects as requests ask for it.</summary>
    public WriteEndpoint Writes { get; }

    /// <summary>Changes objects on the server's own behalf.</summary>
    public SystemWriter Writer { get; }
}
