using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// Hands out one informer for each type and selection, so that a process watches each resource once. An informer starts
/// with <see cref="Start"/>, or at once where that came before. Thread-safe; disposing it ends all watches.
/// </summary>
public sealed class SharedInformerFactory(ApiClient client, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(Type, string, InformerSelection), Entry> _informers = [];
    private bool _started;

    /// <summary>The informer of a model's resource, all namespaces and objects.</summary>
    public SharedInformer<T> Informer<T>() where T : class, IKubernetesObject<V1ObjectMeta> => Informer<T>(InformerSelection.All);

    /// <summary>The informer of a part of a model's resource.</summary>
    public SharedInformer<T> Informer<T>(InformerSelection selection) where T : class, IKubernetesObject<V1ObjectMeta> =>
        GetOrAdd(client.Resource<T>(), selection, null);

    /// <summary>
    /// The metadata of all objects of any resource: from the informer of its model where one was handed out already, which then
    /// needs no second watch, else from a watch of its own.
    /// </summary>
    /// <param name="resource">What is watched.</param>
    /// <param name="trim">Drops what nobody reads from metadata that is watched for itself; only the first caller's counts.</param>
    public IMetadataInformer Metadata(ResourceInfo resource, Action<V1ObjectMeta>? trim = null)
    {
        lock (_lock)
        {
            var name = Name(resource);
            foreach (var ((type, other, selection), entry) in _informers)
            {
                if (other == name && selection == InformerSelection.All && type != typeof(PartialObjectMetadata))
                {
                    return entry.Informer;
                }
            }
            return GetOrAdd(client.Metadata(resource), InformerSelection.All, trim);
        }
    }

    /// <summary>Starts every informer handed out so far, and those to come as they are asked for.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _started = true;
            foreach (var entry in _informers.Values)
            {
                entry.Start();
            }
        }
    }

    /// <summary>Ends when every informer handed out so far has its first list.</summary>
    public async Task WaitForSyncAsync(CancellationToken cancellationToken)
    {
        List<Entry> entries;
        lock (_lock)
        {
            entries = [.. _informers.Values];
        }
        foreach (var entry in entries)
        {
            await entry.Informer.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The resources of informers without their first list, for readiness checks.</summary>
    public IReadOnlyList<ResourceInfo> Unsynced()
    {
        lock (_lock)
        {
            return [.. _informers.Values.Where(e => !e.Informer.HasSynced).Select(e => e.Informer.Resource)];
        }
    }

    /// <summary>Ends the metadata's own watch of a resource that is no longer served, if there is one.</summary>
    public async Task ForgetMetadataAsync(ResourceInfo resource)
    {
        Entry? entry;
        lock (_lock)
        {
            _informers.Remove((typeof(PartialObjectMetadata), Name(resource), InformerSelection.All), out entry);
        }
        if (entry is not null)
        {
            await entry.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends all watches and waits for them.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Entry> entries;
        lock (_lock)
        {
            entries = [.. _informers.Values];
            _informers.Clear();
        }
        await Task.WhenAll(entries.Select(e => e.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private SharedInformer<T> GetOrAdd<T>(
        ResourceClient<T> resource, InformerSelection selection, Action<V1ObjectMeta>? trim)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_lock)
        {
            var key = (typeof(T), Name(resource.Resource), selection);
            if (_informers.TryGetValue(key, out var entry))
            {
                return (SharedInformer<T>)entry.Informer;
            }
            var informer = new SharedInformer<T>(
                resource, selection, time, loggers.CreateLogger("KubeLite.ControllerRuntime.Informers.Reflector"), trim);
            _informers.Add(key, entry = new Entry(informer, informer.Start, informer.DisposeAsync));
            if (_started)
            {
                entry.Start();
            }
            return informer;
        }
    }

    private static string Name(ResourceInfo resource) => resource.ApiVersion + "/" + resource.Plural;

    private sealed record Entry(IMetadataInformer Informer, Action Start, Func<ValueTask> DisposeAsync);
}
