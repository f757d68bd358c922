namespace KubeLite.Storage.Tests.Contract;

/// <summary>The simplest store that can be right: a list of all events.</summary>
internal sealed class StoreModel(long revision)
{
    private readonly List<StoreEvent> _events = [];

    public long Revision { get; private set; } = revision;

    public long Compacted { get; private set; } = revision;

    public KeyValue? Get(string key) => GetAt(key, Revision);

    public WriteResult Put(string key, byte[] value, long? expected)
    {
        KeyValue? current = Get(key);
        if (expected is not null && expected != (current?.ModRevision ?? 0))
        {
            return new WriteResult(false, Revision, current);
        }

        Revision++;
        KeyValue pair = new(key, value, current?.CreateRevision ?? Revision, Revision, (current?.Version ?? 0) + 1);
        lock (_events)
        {
            _events.Add(new StoreEvent(StoreEventType.Put, pair, current));
        }

        return new WriteResult(true, Revision, null);
    }

    public WriteResult Delete(string key, long? expected)
    {
        KeyValue? current = Get(key);
        if (current is null || (expected is not null && expected != current.Value.ModRevision))
        {
            return new WriteResult(false, Revision, current);
        }

        Revision++;
        lock (_events)
        {
            _events.Add(new StoreEvent(StoreEventType.Delete, new KeyValue(key, default, 0, Revision, 0), current));
        }

        return new WriteResult(true, Revision, null);
    }

    public RangeResult Range(RangeQuery query)
    {
        long at = query.Revision == 0 ? Revision : query.Revision;
        List<KeyValue> all = _events.Select(e => e.KeyValue.Key).Distinct()
            .Where(key => query.Prefix is null || key.StartsWith(query.Prefix, StringComparison.Ordinal))
            .Where(key => query.Start is null || string.CompareOrdinal(key, query.Start) >= 0)
            .Where(key => query.End is null || string.CompareOrdinal(key, query.End) < 0)
            .Order(StringComparer.Ordinal)
            .Select(key => GetAt(key, at)).OfType<KeyValue>().ToList();
        List<KeyValue> items = query.CountOnly ? [] : query.Limit > 0 ? all.Take((int)query.Limit).ToList() : all;
        return new RangeResult(at, items, all.Count, !query.CountOnly && items.Count < all.Count);
    }

    public void Compact(long revision) => Compacted = Math.Max(Compacted, revision);

    public List<StoreEvent> EventsAfter(long revision)
    {
        lock (_events)
        {
            return _events.Where(e => e.KeyValue.ModRevision > revision).ToList();
        }
    }

    private KeyValue? GetAt(string key, long revision)
    {
        int last = _events.FindLastIndex(e => e.KeyValue.Key == key && e.KeyValue.ModRevision <= revision);
        return last >= 0 && _events[last].Type == StoreEventType.Put ? _events[last].KeyValue : null;
    }
}
