namespace KubeLite.Storage.Caching.Trees;

/// <summary>The entries of a resource by key and by each indexed field. Immutable.</summary>
internal sealed class SnapshotTrees
{
    private readonly int[] _indexedFields;
    private readonly EntryTree[] _byField;

    private SnapshotTrees(EntryTree byKey, int[] indexedFields, EntryTree[] byField)
    {
        ByKey = byKey;
        _indexedFields = indexedFields;
        _byField = byField;
    }

    public EntryTree ByKey { get; }

    /// <summary>Builds the trees from entries sorted by key.</summary>
    public static SnapshotTrees FromSorted(List<CacheEntry> sortedByKey, int[] indexedFields)
    {
        EntryTree[] byField = new EntryTree[indexedFields.Length];
        for (int i = 0; i < byField.Length; i++)
        {
            int field = indexedFields[i];
            List<CacheEntry> sorted = [.. sortedByKey.OrderBy(entry => entry.FieldArray[field], StringComparer.Ordinal)];
            byField[i] = EntryTree.FromSorted(sorted, EntryOrder.ByField(field));
        }

        return new SnapshotTrees(EntryTree.FromSorted(sortedByKey, EntryOrder.ByKey), indexedFields, byField);
    }

    /// <summary>The tree ordered by a field, or null when that field is not indexed.</summary>
    public EntryTree? ByField(int fieldIndex)
    {
        int i = Array.IndexOf(_indexedFields, fieldIndex);
        return i < 0 ? null : _byField[i];
    }

    public SnapshotTrees Set(CacheEntry entry, CacheEntry? previous)
    {
        EntryTree[] byField = _byField.Length == 0 ? _byField : new EntryTree[_byField.Length];
        for (int i = 0; i < byField.Length; i++)
        {
            int field = _indexedFields[i];
            EntryTree tree = _byField[i];
            if (previous is not null && previous.FieldArray[field] != entry.FieldArray[field])
            {
                tree = tree.Remove(previous);
            }

            byField[i] = tree.Set(entry);
        }

        return new SnapshotTrees(ByKey.Set(entry), _indexedFields, byField);
    }

    public SnapshotTrees Remove(CacheEntry entry)
    {
        EntryTree[] byField = _byField.Length == 0 ? _byField : new EntryTree[_byField.Length];
        for (int i = 0; i < byField.Length; i++)
        {
            byField[i] = _byField[i].Remove(entry);
        }

        return new SnapshotTrees(ByKey.Remove(entry), _indexedFields, byField);
    }
}
