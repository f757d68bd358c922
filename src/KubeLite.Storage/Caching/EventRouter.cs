using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace KubeLite.Storage.Caching;

/// <summary>Finds the resource that a key belongs to, and hands each resource the events of a batch in one go. Finding is safe for
/// concurrent use; <see cref="Dispatch"/> is for the hub's loop alone.</summary>
internal sealed class EventRouter
{
    private readonly ConcurrentDictionary<string, Route> _routes = new(StringComparer.Ordinal);
    private readonly List<Route> _touched = [];

    public ResourceCache? Find(string keyPrefix) => _routes.TryGetValue(keyPrefix, out Route? route) ? route.Cache : null;

    public void Add(ResourceCache cache) => _routes[cache.Options.KeyPrefix] = new Route(cache);

    public ResourceCache? Remove(string keyPrefix) => _routes.TryRemove(keyPrefix, out Route? route) ? route.Cache : null;

    public IReadOnlyList<ResourceCache> Snapshot() => [.. _routes.Values.Select(route => route.Cache)];

    public void Dispatch(IReadOnlyList<StoreEvent> events)
    {
        for (int i = 0; i < events.Count; i++)
        {
            StoreEvent storeEvent = events[i];
            if (RouteOf(storeEvent.KeyValue.Key) is { } route)
            {
                if (route.Events.Count == 0)
                {
                    _touched.Add(route);
                }

                route.Events.Add(storeEvent);
            }
        }

        foreach (Route route in _touched)
        {
            route.Cache.Feed.Apply(CollectionsMarshal.AsSpan(route.Events));
            route.Events.Clear();
        }

        _touched.Clear();
    }

    // The longest open prefix wins: try the key up to each slash from the right.
    private Route? RouteOf(string key)
    {
        ConcurrentDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> lookup = _routes.GetAlternateLookup<ReadOnlySpan<char>>();
        ReadOnlySpan<char> rest = key;
        int slash;
        while ((slash = rest.LastIndexOf('/')) > 0)
        {
            if (lookup.TryGetValue(rest[..(slash + 1)], out Route? route))
            {
                return route;
            }

            rest = rest[..slash];
        }

        return null;
    }

    private sealed class Route(ResourceCache cache)
    {
        public ResourceCache Cache { get; } = cache;

        public List<StoreEvent> Events { get; } = [];
    }
}
