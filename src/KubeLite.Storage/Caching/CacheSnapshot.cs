using KubeLite.Storage.Caching.Trees;

namespace KubeLite.Storage.Caching;

/// <summary>Everything one resource held at one revision. Immutable, safe for concurrent use, free to keep.</summary>
public sealed class CacheSnapshot
{
    private const int StackKeyLength = 512;

    private readonly FieldLayout _layout;

    internal CacheSnapshot(string keyPrefix, long revision, SnapshotTrees trees, FieldLayout layout)
    {
        KeyPrefix = keyPrefix;
        Revision = revision;
        Trees = trees;
        _layout = layout;
    }

    /// <summary>The resource's key prefix.</summary>
    public string KeyPrefix { get; }

    /// <summary>The store revision the snapshot reflects: a list's resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>How many objects there are.</summary>
    public int Count => Trees.ByKey.Count;

    /// <summary>All objects in order of key.</summary>
    public CacheRange All => new(Trees.ByKey, 0, Count);

    internal SnapshotTrees Trees { get; }

    /// <summary>The object with this full storage key, or null.</summary>
    public CacheEntry? Find(ReadOnlySpan<char> key) => Trees.ByKey.Find("", key);

    /// <summary>The object of this namespace (empty for cluster-scoped resources) and name, or null. Does not allocate.</summary>
    public CacheEntry? Find(string @namespace, string name)
    {
        int length = KeyPrefix.Length + @namespace.Length + 1 + name.Length;
        Span<char> buffer = length <= StackKeyLength ? stackalloc char[StackKeyLength] : new char[length];
        int written = Concat(buffer, @namespace, @namespace.Length == 0 ? "" : "/");
        name.CopyTo(buffer[written..]);
        return Find(buffer[..(written + name.Length)]);
    }

    /// <summary>The objects of a namespace (null or empty: of all) in order of key, from <paramref name="startKey"/> (a full storage
    /// key, inclusive; null: from the first).</summary>
    public CacheRange Range(string? @namespace, string? startKey) =>
        RangeOf(Trees.ByKey, "", @namespace, startKey);

    /// <summary>The objects whose indexed field has this value, in order of key.</summary>
    /// <exception cref="StoreException">InvalidArgument when <paramref name="indexedField"/> is not an indexed field.</exception>
    public CacheRange WithField(string indexedField, string value) => WithField(indexedField, value, null, null);

    /// <summary>Those of <see cref="Range"/> whose indexed field has this value, in order of key.</summary>
    /// <exception cref="StoreException">InvalidArgument when <paramref name="indexedField"/> is not an indexed field.</exception>
    public CacheRange WithField(string indexedField, string value, string? @namespace, string? startKey)
    {
        EntryTree tree = Trees.ByField(_layout.IndexOf(indexedField))
            ?? throw new StoreException(StoreErrorCode.InvalidArgument, $"{indexedField} is not an indexed field of {KeyPrefix}");
        return RangeOf(tree, value, @namespace, startKey);
    }

    /// <summary>The same content seen at a later revision, up to which nothing of this resource changed.</summary>
    internal CacheSnapshot At(long revision) => new(KeyPrefix, revision, Trees, _layout);

    internal CacheSnapshot With(SnapshotTrees trees, long revision) => new(KeyPrefix, revision, trees, _layout);

    // Keys are ordered within each value of a tree's field; the tree by key has the one value "".
    private CacheRange RangeOf(EntryTree tree, string value, string? @namespace, string? startKey)
    {
        int start, end;
        if (string.IsNullOrEmpty(@namespace))
        {
            start = tree.Rank(value, "");
            end = tree.Rank(value, "\uffff");
        }
        else
        {
            int length = KeyPrefix.Length + @namespace.Length + 1;
            Span<char> buffer = length <= StackKeyLength ? stackalloc char[StackKeyLength] : new char[length];
            Concat(buffer, @namespace, "/");
            start = tree.Rank(value, buffer[..length]);
            buffer[length - 1]++;
            end = tree.Rank(value, buffer[..length]);
        }

        if (startKey is not null)
        {
            start = Math.Max(start, tree.Rank(value, startKey));
        }

        return new CacheRange(tree, start, end);
    }

    private int Concat(Span<char> target, string @namespace, string separator)
    {
        KeyPrefix.CopyTo(target);
        @namespace.CopyTo(target[KeyPrefix.Length..]);
        separator.CopyTo(target[(KeyPrefix.Length + @namespace.Length)..]);
        return KeyPrefix.Length + @namespace.Length + separator.Length;
    }
}
