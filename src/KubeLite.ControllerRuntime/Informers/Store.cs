using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>An informer's cache with its indexes. One lock guards all of it and is held for look-ups and single changes only.</summary>
internal sealed class Store<T> : IStore<T> where T : class, IKubernetesObject<V1ObjectMeta>
{
    internal const string NamespaceIndex = "namespace";

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, CachedObject<T>> _items = [];
    private readonly Dictionary<string, Index> _indexes = new(StringComparer.Ordinal);
    private CachedObject<T>[]? _snapshot;
    private T[]? _models;

    internal Store() => _indexes.Add(NamespaceIndex, new Index(static item => [item.Metadata.NamespaceProperty ?? ""]));

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    public CachedObject<T>? Cached(ObjectKey key)
    {
        lock (_lock)
        {
            return _items.GetValueOrDefault(key);
        }
    }

    public T? Get(ObjectKey key) => Cached(key)?.Value;

    public T? Get(string? ns, string name) => Get(new ObjectKey(ns ?? "", name));

    public IReadOnlyList<CachedObject<T>> Cached()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _items.Values];
        }
    }

    public IReadOnlyList<T> List()
    {
        IReadOnlyList<CachedObject<T>> items;
        lock (_lock)
        {
            if (_models is { } known)
            {
                return known;
            }
            items = Cached();
        }
        // Reading them takes long, so outside the lock.
        var models = Models(items);
        lock (_lock)
        {
            if (ReferenceEquals(items, _snapshot))
            {
                _models = models;
            }
        }
        return models;
    }

    public IReadOnlyList<CachedObject<T>> CachedNamespace(string ns) => CachedByIndex(NamespaceIndex, ns);

    public IReadOnlyList<T> ListNamespace(string ns) => ByIndex(NamespaceIndex, ns);

    public IReadOnlyList<T> ByIndex(string index, string value) => Models(CachedByIndex(index, value));

    public IReadOnlyList<CachedObject<T>> CachedByIndex(string index, string value)
    {
        lock (_lock)
        {
            if (!_indexes.TryGetValue(index, out var found))
            {
                throw new ArgumentException($"There is no index '{index}'.", nameof(index));
            }
            return found.Entries.TryGetValue(value, out var entries) ? [.. entries.Values] : [];
        }
    }

    /// <summary>Adds an index and fills it; does nothing where one of this name exists.</summary>
    internal void AddIndex(string name, Func<CachedObject<T>, IEnumerable<string>> keys)
    {
        lock (_lock)
        {
            if (_indexes.ContainsKey(name))
            {
                return;
            }
            var index = new Index(keys);
            foreach (var (key, item) in _items)
            {
                index.Add(key, item);
            }
            _indexes.Add(name, index);
        }
    }

    internal CachedObject<T>? Set(ObjectKey key, CachedObject<T> item)
    {
        lock (_lock)
        {
            _items.TryGetValue(key, out var old);
            _items[key] = item;
            _snapshot = null;
            _models = null;
            foreach (var index in _indexes.Values)
            {
                if (old is not null)
                {
                    index.Remove(key, old);
                }
                index.Add(key, item);
            }
            return old;
        }
    }

    internal CachedObject<T>? Remove(ObjectKey key)
    {
        lock (_lock)
        {
            if (!_items.Remove(key, out var old))
            {
                return null;
            }
            _snapshot = null;
            _models = null;
            foreach (var index in _indexes.Values)
            {
                index.Remove(key, old);
            }
            return old;
        }
    }

    private static T[] Models(IReadOnlyList<CachedObject<T>> items)
    {
        if (items.Count == 0)
        {
            return [];
        }
        var models = new T[items.Count];
        for (var i = 0; i < models.Length; i++)
        {
            models[i] = items[i].Value;
        }
        return models;
    }

    private sealed class Index(Func<CachedObject<T>, IEnumerable<string>> keys)
    {
        internal Dictionary<string, Dictionary<ObjectKey, CachedObject<T>>> Entries { get; } = new(StringComparer.Ordinal);

        internal void Add(ObjectKey key, CachedObject<T> item)
        {
            foreach (var value in keys(item))
            {
                if (!Entries.TryGetValue(value, out var entries))
                {
                    Entries.Add(value, entries = []);
                }
                entries[key] = item;
            }
        }

        internal void Remove(ObjectKey key, CachedObject<T> item)
        {
            foreach (var value in keys(item))
            {
                if (Entries.TryGetValue(value, out var entries) && entries.Remove(key) && entries.Count == 0)
                {
                    Entries.Remove(value);
                }
            }
        }
    }
}
