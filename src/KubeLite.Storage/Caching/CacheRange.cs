namespace KubeLite.Storage.Caching;

/// <summary>A run of entries of a snapshot, in order; enumerating it does not allocate.</summary>
public readonly struct CacheRange
{
    /// <summary>How many entries the run holds; computed without visiting them.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Enumerates the entries.</summary>
    public Enumerator GetEnumerator() => throw new NotImplementedException();

    /// <summary>Walks the entries in order.</summary>
    public struct Enumerator
    {
        /// <summary>The entry the enumerator stands on.</summary>
        public CacheEntry Current => throw new NotImplementedException();

        /// <summary>Goes to the next entry; false at the end.</summary>
        public bool MoveNext() => throw new NotImplementedException();
    }
}
