namespace KubeLite.Storage.Caching;

/// <summary>The watchers of a resource, found by what a change touches: an object's name, its namespace, an indexed field's value,
/// or anything. Guarded by the feed's lock.</summary>
internal sealed class WatcherIndex
{
    private readonly WatcherGroup _all = new();
    private readonly Dictionary<Slice, WatcherGroup> _slices = [];
    private readonly int[] _indexedFields;
    private int _byName;
    private int _byNamespace;
    private int _byField;

    private readonly bool _namespaced;

    public WatcherIndex(bool namespaced, int[] indexedFields)
    {
        _namespaced = namespaced;
        _indexedFields = indexedFields;
    }

    public void Add(Watcher watcher)
    {
        Slice? slice = SliceOf(watcher);
        if (slice is null)
        {
            _all.Add(watcher);
            return;
        }

        if (!_slices.TryGetValue(slice.Value, out WatcherGroup? group))
        {
            group = new WatcherGroup();
            _slices.Add(slice.Value, group);
        }

        Counter(slice.Value)++;
        group.Add(watcher);
    }

    public void Remove(Watcher watcher)
    {
        Slice? slice = SliceOf(watcher);
        if (slice is null)
        {
            _all.Remove(watcher);
        }
        else if (_slices.TryGetValue(slice.Value, out WatcherGroup? group))
        {
            int before = group.Count;
            group.Remove(watcher);
            Trim(slice.Value, group, before);
        }
    }

    /// <summary>Offers a change to every watcher it may concern.</summary>
    public void Publish(CacheChange change)
    {
        _all.Offer(change);
        CacheEntry either = change.Either;
        if (_byName > 0)
        {
            Offer(new Slice(SliceKind.Name, either.Namespace, either.Name), change);
        }

        if (_byNamespace > 0)
        {
            Offer(new Slice(SliceKind.Namespace, either.Namespace, ""), change);
        }

        if (_byField > 0)
        {
            PublishByField(change);
        }
    }

    public void EndAll(WatcherEnd reason)
    {
        _all.EndAll(reason);
        foreach (WatcherGroup group in _slices.Values)
        {
            group.EndAll(reason);
        }

        _slices.Clear();
        (_byName, _byNamespace, _byField) = (0, 0, 0);
    }

    private Slice? SliceOf(Watcher watcher)
    {
        // The narrowest condition first; the watcher itself checks the others.
        WatchRequest request = watcher.Request;
        if (request.Name is not null && (request.Namespace is not null || !_namespaced))
        {
            return new Slice(SliceKind.Name, request.Namespace ?? "", request.Name);
        }

        if (watcher.IndexFieldPosition >= 0)
        {
            return new Slice(SliceKind.Field + watcher.IndexFieldPosition, request.IndexValue!, "");
        }

        return request.Namespace is not null ? new Slice(SliceKind.Namespace, request.Namespace, "") : null;
    }

    private void PublishByField(CacheChange change)
    {
        foreach (int field in _indexedFields)
        {
            string? before = change.Previous?.FieldArray[field];
            string? now = change.Entry?.FieldArray[field];
            if (now is not null)
            {
                Offer(new Slice(SliceKind.Field + field, now, ""), change);
            }

            if (before is not null && before != now)
            {
                Offer(new Slice(SliceKind.Field + field, before, ""), change);
            }
        }
    }

    private void Offer(Slice slice, CacheChange change)
    {
        if (_slices.TryGetValue(slice, out WatcherGroup? group))
        {
            int before = group.Count;
            group.Offer(change);
            Trim(slice, group, before);
        }
    }

    private void Trim(Slice slice, WatcherGroup group, int before)
    {
        Counter(slice) -= before - group.Count;
        if (group.Count == 0)
        {
            _slices.Remove(slice);
        }
    }

    private ref int Counter(Slice slice)
    {
        switch (slice.Kind)
        {
            case SliceKind.Name:
                return ref _byName;
            case SliceKind.Namespace:
                return ref _byNamespace;
            default:
                return ref _byField;
        }
    }

    private enum SliceKind
    {
        Name,
        Namespace,
        Field,
    }

    private readonly record struct Slice(SliceKind Kind, string First, string Second);
}
