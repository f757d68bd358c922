namespace KubeLite.Storage.Caching;

/// <summary>Everything one resource held at one revision. Immutable, safe for concurrent use, free to keep.</summary>
public sealed class CacheSnapshot
{
    internal CacheSnapshot(string keyPrefix, long revision)
    {
        KeyPrefix = keyPrefix;
        Revision = revision;
    }

    /// <summary>The resource's key prefix.</summary>
    public string KeyPrefix { get; }

    /// <summary>The store revision the snapshot reflects: a list's resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The object with this full storage key, or null.</summary>
    public CacheEntry? Find(ReadOnlySpan<char> key) => throw new NotImplementedException();

    /// <summary>The object of this namespace (empty for cluster-scoped resources) and name, or null. Does not allocate.</summary>
    public CacheEntry? Find(string @namespace, string name) => throw new NotImplementedException();

    /// <summary>All objects in order of key.</summary>
    public CacheRange All => throw new NotImplementedException();

    /// <summary>The objects of a namespace (null or empty: of all) in order of key, from <paramref name="startKey"/> (a full storage
    /// key, inclusive; null: from the first).</summary>
    public CacheRange Range(string? @namespace, string? startKey) => throw new NotImplementedException();

    /// <summary>The objects whose indexed field has this value, in order of key.</summary>
    /// <exception cref="StoreException">InvalidArgument when <paramref name="indexedField"/> is not an indexed field.</exception>
    public CacheRange WithField(string indexedField, string value) => throw new NotImplementedException();
}
