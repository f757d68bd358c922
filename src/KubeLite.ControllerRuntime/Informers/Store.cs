using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>An informer's cache with its indexes. One lock guards all of it and is held for look-ups and single changes only.</summary>
internal sealed class Store<T> : IStore<T> where T : class, IMetadata<V1ObjectMeta>
{
    internal const string NamespaceIndex = "namespace";

    private readonly Lock _lock = new();
    private readonly Dictionary<ObjectKey, T> _items = [];
    private readonly Dictionary<string, Index> _indexes = new(StringComparer.Ordinal);
    private T[]? _snapshot;

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

    public T? Get(ObjectKey key)
    {
        lock (_lock)
        {
            return _items.GetValueOrDefault(key);
        }
    }

    public T? Get(string? ns, string name) => Get(new ObjectKey(ns ?? "", name));

    public IReadOnlyList<T> List()
    {
        lock (_lock)
        {
            return _snapshot ??= [.. _items.Values];
        }
    }

    public IReadOnlyList<T> ListNamespace(string ns) => ByIndex(NamespaceIndex, ns);

    public IReadOnlyList<T> ByIndex(string index, string value)
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
    internal void AddIndex(string name, Func<T, IEnumerable<string>> keys)
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

    internal T? Set(ObjectKey key, T item)
    {
        lock (_lock)
        {
            _items.TryGetValue(key, out var old);
            _items[key] = item;
            _snapshot = null;
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

    internal T? Remove(ObjectKey key)
    {
        lock (_lock)
        {
            if (!_items.Remove(key, out var old))
            {
                return null;
            }
            _snapshot = null;
            foreach (var index in _indexes.Values)
            {
                index.Remove(key, old);
            }
            return old;
        }
    }

    private sealed class Index(Func<T, IEnumerable<string>> keys)
    {
        internal Dictionary<string, Dictionary<ObjectKey, T>> Entries { get; } = new(StringComparer.Ordinal);

        internal void Add(ObjectKey key, T item)
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

        internal void Remove(ObjectKey key, T item)
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
