using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>
/// A connection to one API server, typed by the models of <c>KubernetesClient</c>. The namespace and name of a write are
/// those of the object. Errors are those of <see cref="ResourceClient{T}"/>. Thread-safe; dispose it when done.
/// </summary>
public sealed class ApiClient : IDisposable
{
    private const string Json = "application/json";
    private const string PartialOne = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private const string PartialList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

    private const string ByReflection = "The patch's type is only known at run time; a model or a JSON object needs no reflection.";

    private static readonly WriteOptions s_status = new() { Subresource = "status" };

    private readonly ApiTransport _transport;

    /// <summary>Connects with the first request, not here.</summary>
    public ApiClient(ApiClientOptions options, TimeProvider time)
    {
        _transport = new ApiTransport(options, time);
        Discovery = new DiscoveryClient(_transport);
    }

    /// <summary>What the server serves.</summary>
    public DiscoveryClient Discovery { get; }

    /// <summary>All verbs of a model's resource, for what the shorthands below don't cover.</summary>
    public ResourceClient<T> Resource<T>() => new(_transport, ResourceInfo.Of<T>(), Json, Json);

    /// <summary>The verbs of any resource, of whose objects only the metadata is read.</summary>
    public ResourceClient<PartialObjectMetadata> Metadata(ResourceInfo resource) => new(_transport, resource, PartialOne, PartialList);

    /// <summary>The verbs of any resource, read and written as <typeparamref name="T"/>, such as a JSON node.</summary>
    public ResourceClient<T> Resource<T>(ResourceInfo resource) => new(_transport, resource, Json, Json);

    /// <summary>One object; throws where it doesn't exist.</summary>
    public Task<T> GetAsync<T>(string? ns, string name, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        Resource<T>().GetAsync(ns, name, cancellationToken);

    /// <summary>One object, or null where it doesn't exist.</summary>
    public Task<T?> FindAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Resource<T>().FindAsync(ns, name, cancellationToken);

    /// <summary>A list, or a page of it.</summary>
    public Task<ResourceList<T>> ListAsync<T>(
        string? ns, ListOptions options, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        Resource<T>().ListAsync(ns, options, cancellationToken);

    /// <summary>Creates the object in the namespace that its metadata names.</summary>
    public Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta>
    {
        var client = Resource<T>();
        return client.CreateAsync(item.Metadata.NamespaceProperty, Typed(item, client.Resource), WriteOptions.None, cancellationToken);
    }

    /// <summary>Replaces the object; a conflict if its resource version is set and old.</summary>
    public Task<T> UpdateAsync<T>(T item, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        UpdateAsync(item, WriteOptions.None, cancellationToken);

    /// <summary>Replaces the object's status; a conflict if its resource version is set and old.</summary>
    public Task<T> UpdateStatusAsync<T>(T item, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        UpdateAsync(item, s_status, cancellationToken);

    /// <summary>As <see cref="UpdateAsync{T}(T, CancellationToken)"/>, of a subresource or with a field manager.</summary>
    public Task<T> UpdateAsync<T>(T item, WriteOptions options, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var client = Resource<T>();
        return client.UpdateAsync(
            item.Metadata.NamespaceProperty, item.Metadata.Name, Typed(item, client.Resource), options, cancellationToken);
    }

    /// <summary>Patches an object with what is set in <paramref name="patch"/>; what is null there stays as it is.</summary>
    public Task<T> PatchAsync<T>(
        string? ns, string name, PatchFormat format, T patch, WriteOptions options,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, T>(ns, name, format, patch, options, cancellationToken);

    /// <summary>Patches an object with a document, in which null removes and directives such as <c>$patch</c> may stand.</summary>
    public Task<T> PatchAsync<T>(
        string? ns, string name, PatchFormat format, JsonObject patch, WriteOptions options,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, JsonObject>(ns, name, format, patch, options, cancellationToken);

    /// <summary>Patches an object with anything that can be written as JSON, such as an anonymous object.</summary>
    [RequiresUnreferencedCode(ByReflection)]
    [RequiresDynamicCode(ByReflection)]
    public Task<T> PatchAsync<T>(
        string? ns, string name, PatchFormat format, object patch, WriteOptions options,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, object>(ns, name, format, patch, options, cancellationToken);

    /// <summary>Patches an object's status with what is set in <paramref name="patch"/>; what is null there stays as it is.</summary>
    public Task<T> PatchStatusAsync<T>(
        string? ns, string name, PatchFormat format, T patch,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, T>(ns, name, format, patch, s_status, cancellationToken);

    /// <summary>Patches an object's status with a document, in which null removes and directives may stand.</summary>
    public Task<T> PatchStatusAsync<T>(
        string? ns, string name, PatchFormat format, JsonObject patch,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, JsonObject>(ns, name, format, patch, s_status, cancellationToken);

    /// <summary>Patches an object's status with anything that can be written as JSON, such as an anonymous object.</summary>
    [RequiresUnreferencedCode(ByReflection)]
    [RequiresDynamicCode(ByReflection)]
    public Task<T> PatchStatusAsync<T>(
        string? ns, string name, PatchFormat format, object patch,
        CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        SendPatchAsync<T, object>(ns, name, format, patch, s_status, cancellationToken);

    /// <summary>Deletes an object; null options mean the kind's default propagation and grace.</summary>
    public Task DeleteAsync<T>(
        string? ns, string name, V1DeleteOptions? options, CancellationToken cancellationToken) where T : IKubernetesObject<V1ObjectMeta> =>
        Resource<T>().DeleteAsync(ns, name, options, cancellationToken);

    /// <summary>Assigns a Pod to a node. A conflict if it is assigned already.</summary>
    public Task BindAsync(V1Pod pod, string node, CancellationToken cancellationToken)
    {
        var binding = new V1Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new V1ObjectMeta
            {
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Uid = pod.Metadata.Uid,
            },
            Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node },
        };
        return Resource<V1Pod>().CreateSubresourceAsync<V1Binding, V1Status>(
            pod.Metadata.NamespaceProperty, pod.Metadata.Name, "binding", binding, cancellationToken);
    }

    /// <summary>Deletes a Pod if its disruption budgets allow; <see cref="ApiStatusException.IsTooManyRequests"/> if they don't.</summary>
    public Task EvictAsync(string ns, string pod, V1DeleteOptions? options, CancellationToken cancellationToken)
    {
        var eviction = new V1Eviction
        {
            ApiVersion = "policy/v1",
            Kind = "Eviction",
            Metadata = new V1ObjectMeta { Name = pod, NamespaceProperty = ns },
            DeleteOptions = options,
        };
        return Resource<V1Pod>().CreateSubresourceAsync<V1Eviction, V1Status>(ns, pod, "eviction", eviction, cancellationToken);
    }

    /// <summary>A raw GET of JSON, such as <c>/version</c> or <c>/apis</c>.</summary>
    public Task<T> GetRawAsync<T>(string path, CancellationToken cancellationToken) =>
        _transport.SendAsync<T>(HttpMethod.Get, path, null, Json, cancellationToken);

    /// <summary>Ends all connections, watches included.</summary>
    public void Dispose() => _transport.Dispose();

    private Task<T> SendPatchAsync<T, TPatch>(
        string? ns, string name, PatchFormat format, TPatch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        var client = Resource<T>();
        return client.PatchAsync(ns, name, format, client.Bytes(patch), options, cancellationToken);
    }

    // Items of a list and objects made by code carry no kind, yet a request must.
    private static T Typed<T>(T item, ResourceInfo resource) where T : IKubernetesObject<V1ObjectMeta>
    {
        if (item.Kind != resource.Kind || item.ApiVersion != resource.ApiVersion)
        {
            item.ApiVersion = resource.ApiVersion;
            item.Kind = resource.Kind;
        }
        return item;
    }
}
