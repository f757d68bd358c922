namespace KubeLite.Storage.Caching;

/// <summary>Watchers that see the same slice of a resource. Guarded by the feed's lock.</summary>
internal sealed class WatcherGroup
{
    private readonly List<Watcher> _watchers = [];

    public int Count => _watchers.Count;

    public void Add(Watcher watcher)
    {
        watcher.GroupIndex = _watchers.Count;
        _watchers.Add(watcher);
    }

    public void Remove(Watcher watcher)
    {
        int index = watcher.GroupIndex;
        if (index < 0 || index >= _watchers.Count || !ReferenceEquals(_watchers[index], watcher))
        {
            return;
        }

        Watcher last = _watchers[^1];
        _watchers[index] = last;
        last.GroupIndex = index;
        _watchers.RemoveAt(_watchers.Count - 1);
        watcher.GroupIndex = -1;
    }

    /// <summary>Offers a change to each watcher; those that have ended leave.</summary>
    public void Offer(CacheChange change)
    {
        for (int i = _watchers.Count - 1; i >= 0; i--)
        {
            Watcher watcher = _watchers[i];
            if (!watcher.Offer(change))
            {
                Remove(watcher);
            }
        }
    }

    public void EndAll(WatcherEnd reason)
    {
        foreach (Watcher watcher in _watchers)
        {
            watcher.GroupIndex = -1;
            watcher.Finish(reason);
        }

        _watchers.Clear();
    }
}
