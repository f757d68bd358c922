namespace KubeLite.Storage.Caching;

/// <summary>One watch event, shared by every watcher that sees the change as the same type: what is encoded once in a slot serves
/// them all.</summary>
public sealed class CacheEvent : SlotHolder
{
    internal CacheEvent(CacheEventType type, CacheEntry entry, CacheEntry? previous, long revision)
    {
        Type = type;
        Entry = entry;
        Previous = previous;
        Revision = revision;
    }

    /// <summary>Added, Modified or Deleted, from the watcher's point of view.</summary>
    public CacheEventType Type { get; }

    /// <summary>The object. For Deleted: its last content that was selected, with the revision of this event as resourceVersion.</summary>
    public CacheEntry Entry { get; }

    /// <summary>The object before the change as the cache held it; null when it did not exist.</summary>
    public CacheEntry? Previous { get; }

    /// <summary>The store revision of the change.</summary>
    public long Revision { get; }

    /// <summary>The value kept under <paramref name="slotKey"/> (compared by reference), made on first use and shared by all
    /// watchers of this event.</summary>
    public T GetOrAdd<T>(object slotKey, Func<CacheEvent, T> make) => GetOrAddSlot(slotKey, this, make);
}
