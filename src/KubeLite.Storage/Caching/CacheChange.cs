namespace KubeLite.Storage.Caching;

/// <summary>One change of one object, and the up to three events that watchers with different selections make of it, each made
/// once, or twice where it is asked for again after <see cref="Settle"/>.</summary>
internal sealed class CacheChange(CacheEntry? entry, CacheEntry? previous, long revision, long timestamp)
{
    private CacheEvent? _added;
    private CacheEvent? _modified;
    private CacheEvent? _deleted;
    private bool _settled;

    /// <summary>The object now; null when it was deleted.</summary>
    public CacheEntry? Entry { get; } = entry;

    /// <summary>The object before; null when it was created. Not both are null.</summary>
    public CacheEntry? Previous { get; } = previous;

    public long Revision { get; } = revision;

    /// <summary>When it was seen, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Timestamp { get; } = timestamp;

    /// <summary>The object's place, whichever side of the change exists.</summary>
    public CacheEntry Either => Entry ?? Previous!;

    /// <summary>The event for a watcher that selected the object before and selects it now as given; null when it did neither.</summary>
    public CacheEvent? EventFor(bool selectedBefore, bool selectedNow) => (selectedBefore, selectedNow) switch
    {
        (false, false) => null,
        (false, true) => GetOrMake(ref _added, CacheEventType.Added),
        (true, true) => GetOrMake(ref _modified, CacheEventType.Modified),
        (true, false) => GetOrMake(ref _deleted, CacheEventType.Deleted),
    };

    /// <summary>Forgets the events and all that is kept with them, and with the object before, since those who watch have had them: who
    /// asks later gets the same bytes, in new events. Thread-safe.</summary>
    public void Settle()
    {
        Volatile.Write(ref _settled, true);
        Volatile.Write(ref _added, null);
        Volatile.Write(ref _modified, null);
        Volatile.Write(ref _deleted, null);
        Previous?.DropSlots();
    }

    private CacheEvent GetOrMake(ref CacheEvent? place, CacheEventType type)
    {
        if (Volatile.Read(ref place) is { } made)
        {
            return made;
        }

        CacheEntry entry = type == CacheEventType.Deleted ? Previous!.WithRevision(Revision, Volatile.Read(ref _settled)) : Entry!;
        CacheEvent made2 = new(type, entry, Previous, Revision);
        return Interlocked.CompareExchange(ref place, made2, null) ?? made2;
    }
}
