using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.Storage;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// Every resource that is served, built-in and custom, with its cache. Safe for use from many threads: additions and
/// removals replace the table.
/// </summary>
public sealed class ResourceRegistry(WatchCache caches, StoredValues values)
{
    private static readonly object s_parsed = new();

    private ImmutableDictionary<(string Group, string Version, string Resource), ResourceDefinition> _resources =
        ImmutableDictionary<(string, string, string), ResourceDefinition>.Empty;

    /// <summary>Reads what is stored.</summary>
    public StoredValues Values => values;

    /// <summary>All definitions.</summary>
    public IEnumerable<ResourceDefinition> All => Volatile.Read(ref _resources).Values;

    /// <summary>Serves resources, and replaces those of the same group, version and name.</summary>
    public void Add(params IEnumerable<ResourceDefinition> definitions)
    {
        foreach (ResourceDefinition definition in definitions)
        {
            ImmutableInterlocked.AddOrUpdate(
                ref _resources, (definition.Group, definition.Facts.Version, definition.Name), definition, (_, _) => definition);
        }
    }

    /// <summary>Stops serving resources.</summary>
    public void Remove(params IEnumerable<ResourceDefinition> definitions)
    {
        foreach (ResourceDefinition definition in definitions)
        {
            ImmutableInterlocked.TryRemove(ref _resources, (definition.Group, definition.Facts.Version, definition.Name), out _);
        }
    }

    /// <summary>Finds a resource.</summary>
    public bool TryGet(string group, string version, string resource, [NotNullWhen(true)] out ResourceDefinition? definition) =>
        Volatile.Read(ref _resources).TryGetValue((group, version, resource), out definition);

    /// <summary>A built-in resource in its version v1.</summary>
    public ResourceDefinition Get(string group, string resource, string version = "v1") =>
        Volatile.Read(ref _resources)[(group, version, resource)];

    /// <summary>The first definition of a kind in any version; null where none is served.</summary>
    public ResourceDefinition? FindKind(string group, string kind) =>
        All.FirstOrDefault(d => d.Group == group && d.Kind.Kind == kind);

    /// <summary>The cache of a resource, opened on first use.</summary>
    public ResourceCache Cache(ResourceDefinition definition) => caches.Open(new ResourceCacheOptions
    {
        KeyPrefix = definition.KeyPrefix,
        Namespaced = definition.Namespaced,
        FieldPaths = definition.Strategy.CachedFields,
        IndexedFields = definition.Strategy.IndexedFields,
        Transform = stored => values.Canonical(stored, definition),
    });

    /// <summary>Closes the cache of a resource that is no longer served in any version.</summary>
    public void CloseCache(ResourceDefinition definition) => caches.Close(definition.KeyPrefix);

    /// <summary>The cache of a built-in resource.</summary>
    public ResourceCache Cache(string group, string resource) => Cache(Get(group, resource));

    /// <summary>Finds an object: in the cache as it stands, and where it isn't there once more in a consistent read.</summary>
    public async ValueTask<JsonMap?> FindAsync(string group, string resource, string ns, string name, CancellationToken cancellationToken)
    {
        ResourceCache cache = Cache(group, resource);
        CacheEntry? entry = cache.IsReady ? cache.Current.Find(ns, name) : null;
        entry ??= (await cache.ReadConsistentAsync(cancellationToken)).Find(ns, name);
        return entry is null ? null : Parsed(entry);
    }

    /// <summary>Finds an object as it is now: for what a caller may have written just before, by whichever server.</summary>
    public async ValueTask<JsonMap?> FindNewestAsync(
        string group, string resource, string ns, string name, CancellationToken cancellationToken) =>
        (await Cache(group, resource).ReadConsistentAsync(cancellationToken)).Find(ns, name) is { } entry ? Parsed(entry) : null;

    /// <summary>All objects of a resource, in a namespace where one is given, as the cache holds them now.</summary>
    public async ValueTask<IReadOnlyList<JsonMap>> ListAsync(string group, string resource, string? ns, CancellationToken cancellationToken)
    {
        ResourceCache cache = Cache(group, resource);
        return Documents(cache.IsReady ? cache.Current : await cache.ReadAsync(0, cancellationToken), ns);
    }

    /// <summary>All objects of a resource, in a namespace where one is given, as they are now.</summary>
    public async ValueTask<IReadOnlyList<JsonMap>> ListNewestAsync(
        string group, string resource, string? ns, CancellationToken cancellationToken) =>
        Documents(await Cache(group, resource).ReadConsistentAsync(cancellationToken), ns);

    /// <summary>An entry's document, parsed once; it must not be changed.</summary>
    public static JsonMap Parsed(CacheEntry entry) => entry.GetOrAdd(s_parsed, static e => JsonReading.ReadMap(e.Json.Span));

    /// <summary>The kinds that are served.</summary>
    public bool Serves(GroupVersionKind kind) => All.Any(d => d.Kind == kind);

    private static List<JsonMap> Documents(CacheSnapshot snapshot, string? ns)
    {
        var list = new List<JsonMap>();
        foreach (CacheEntry entry in snapshot.Range(ns, null))
        {
            list.Add(Parsed(entry));
        }

        return list;
    }
}
