namespace KubeLite.Storage.Caching.Trees;

/// <summary>How a tree orders entries: by key, or by the value of one field and then by key. Comparisons are ordinal.</summary>
internal readonly struct EntryOrder
{
    private readonly int _fieldIndexPlusOne;

    private EntryOrder(int fieldIndexPlusOne)
    {
        _fieldIndexPlusOne = fieldIndexPlusOne;
    }

    public static EntryOrder ByKey => default;

    public static EntryOrder ByField(int fieldIndex) => new(fieldIndex + 1);

    /// <summary>The field value an entry is ordered by; empty when ordered by key alone.</summary>
    public string ValueOf(CacheEntry entry) => _fieldIndexPlusOne == 0 ? "" : entry.FieldArray[_fieldIndexPlusOne - 1];

    /// <summary>Where an entry stands relative to a position.</summary>
    public int Compare(CacheEntry entry, ReadOnlySpan<char> value, ReadOnlySpan<char> key)
    {
        if (_fieldIndexPlusOne != 0)
        {
            int byValue = entry.FieldArray[_fieldIndexPlusOne - 1].AsSpan().SequenceCompareTo(value);
            if (byValue != 0)
            {
                return byValue;
            }
        }

        return entry.Key.AsSpan().SequenceCompareTo(key);
    }
}
