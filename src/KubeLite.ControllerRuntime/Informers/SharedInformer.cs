using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>
/// A cache of one resource that one list and watch keep up to date, shared by any number of handlers. Managed fields are
/// left out of it, and of each object no more is read than somebody asks for (<see cref="CachedObject{T}"/>). Thread-safe.
/// </summary>
public sealed class SharedInformer<T> : IMetadataInformer, IAsyncDisposable where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Store<T> _store = new();
    private readonly Reflector<T> _reflector;
    private readonly ResourceInfo _resource;

    // Guards the handlers and orders deliveries; taken before the store's lock, never inside it.
    private readonly Lock _delivery = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private IResourceEventHandler<CachedObject<T>>[] _handlers = [];
    private Task? _loop;

    /// <summary>Does nothing before <see cref="Start"/>.</summary>
    /// <param name="client">Lists and watches.</param>
    /// <param name="selection">What is cached.</param>
    /// <param name="time">For back-off.</param>
    /// <param name="logger">For failures of the watch.</param>
    /// <param name="trim">Drops what nobody reads from the metadata of every object before it enters the cache.</param>
    public SharedInformer(
        ResourceClient<T> client, InformerSelection selection, TimeProvider time, ILogger logger, Action<V1ObjectMeta>? trim = null)
    {
        _resource = client.Resource;
        var reader = new CachedObjectReader<T>(client.Resource, () => client.JsonType, trim);
        _reflector = new Reflector<T>(client, selection, reader, new Sink(this), time, logger);
    }

    /// <summary>The cache.</summary>
    public IStore<T> Store => _store;

    /// <summary>Whether the first list is in the cache and every handler has heard of it.</summary>
    public bool HasSynced => _synced.Task.IsCompleted;

    /// <summary>What is cached.</summary>
    public ResourceInfo Resource => _resource;

    /// <summary>Ends when <see cref="HasSynced"/> turns true.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Adds a look-up by values that <paramref name="keys"/> derives from an object; nothing happens if the name is taken.
    /// The function must always answer the same for the same object.
    /// </summary>
    public void AddIndex(string name, Func<CachedObject<T>, IEnumerable<string>> keys) => _store.AddIndex(name, keys);

    /// <summary>Adds a handler; it hears of what the cache holds already before this returns.</summary>
    public void AddHandler(IResourceEventHandler<CachedObject<T>> handler)
    {
        lock (_delivery)
        {
            _handlers = [.. _handlers, handler];
            foreach (var item in _store.Cached())
            {
                handler.OnAdd(item, initial: true);
            }
        }
    }

    void IMetadataInformer.AddHandler(IResourceEventHandler<CachedObject> handler) => AddHandler(handler);

    IReadOnlyList<CachedObject> IMetadataInformer.Metadata() => _store.Cached();

    IReadOnlyList<CachedObject> IMetadataInformer.Metadata(string ns) => _store.CachedNamespace(ns);

    /// <summary>Starts the list and watch; a second call does nothing.</summary>
    public void Start()
    {
        lock (_delivery)
        {
            _loop ??= Task.Run(() => _reflector.RunAsync(_stop.Token), CancellationToken.None);
        }
    }

    /// <summary>Ends the watch and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is { } loop)
        {
            await loop.ConfigureAwait(false);
        }
        _stop.Dispose();
    }

    private void Set(CachedObject<T> item, bool initial)
    {
        var old = _store.Set(item.Key, item);
        foreach (var handler in _handlers)
        {
            if (old is null)
            {
                handler.OnAdd(item, initial);
            }
            else if (old.Metadata.Uid != item.Metadata.Uid)
            {
                handler.OnDelete(old);
                handler.OnAdd(item, initial);
            }
            else
            {
                handler.OnUpdate(old, item);
            }
        }
    }

    private void Remove(ObjectKey key, CachedObject<T>? last)
    {
        var old = _store.Remove(key);
        if (old is null)
        {
            return;
        }
        foreach (var handler in _handlers)
        {
            handler.OnDelete(last ?? old);
        }
    }

    private sealed class Sink(SharedInformer<T> owner) : Reflector<T>.ISink
    {
        public void Replace(IReadOnlyList<CachedObject<T>> items)
        {
            lock (owner._delivery)
            {
                var kept = new HashSet<ObjectKey>(items.Count);
                foreach (var item in items)
                {
                    kept.Add(item.Key);
                }
                foreach (var item in owner._store.Cached())
                {
                    if (!kept.Contains(item.Key))
                    {
                        owner.Remove(item.Key, null);
                    }
                }
                var initial = !owner._synced.Task.IsCompleted;
                foreach (var item in items)
                {
                    owner.Set(item, initial);
                }
            }
            owner._synced.TrySetResult();
        }

        public void Set(CachedObject<T> item)
        {
            lock (owner._delivery)
            {
                owner.Set(item, initial: false);
            }
        }

        public void Remove(CachedObject<T> item)
        {
            lock (owner._delivery)
            {
                owner.Remove(item.Key, item);
            }
        }
    }
}
