namespace KubeLite.Storage.Caching;

/// <summary>One object at one revision, as it is served: final bytes, and what selectors need of it. Immutable but for its slots;
/// safe for concurrent use.</summary>
public sealed class CacheEntry : SlotHolder
{
    private readonly byte[] _json;
    private readonly string[] _fields;
    private readonly FieldLayout _layout;
    private readonly int _revisionStart;
    private readonly int _revisionLength;

    internal CacheEntry(
        string key, string @namespace, string name, long revision, SplicedJson json, LabelSet labels, string[] fields, FieldLayout layout)
    {
        Key = key;
        Namespace = @namespace;
        Name = name;
        Revision = revision;
        Labels = labels;
        _json = json.Bytes;
        _revisionStart = json.RevisionStart;
        _revisionLength = json.RevisionLength;
        _fields = fields;
        _layout = layout;
    }

    /// <summary>The full storage key.</summary>
    public string Key { get; }

    /// <summary>The namespace from the key; empty for cluster-scoped resources.</summary>
    public string Namespace { get; }

    /// <summary>The name from the key.</summary>
    public string Name { get; }

    /// <summary>The object's resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>The final JSON, metadata.resourceVersion included.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>metadata.labels.</summary>
    public LabelSet Labels { get; }

    /// <summary>Values of <see cref="ResourceCacheOptions.FieldPaths"/>, in that order.</summary>
    public ReadOnlySpan<string> Fields => _fields;

    /// <summary>The value of a field selector's path: metadata.name, metadata.namespace or one of
    /// <see cref="ResourceCacheOptions.FieldPaths"/>. False for any other path.</summary>
    public bool TryGetField(string path, out string value)
    {
        int index = _layout.IndexOf(path);
        (bool found, value) = index >= 0
            ? (true, _fields[index])
            : path switch
            {
                "metadata.name" => (true, Name),
                "metadata.namespace" => (true, Namespace),
                _ => (false, ""),
            };
        return found;
    }

    /// <summary>The value kept under <paramref name="slotKey"/> (compared by reference), made on first use. When two threads make it
    /// at once, both get the same one.</summary>
    public T GetOrAdd<T>(object slotKey, Func<CacheEntry, T> make) => GetOrAddSlot(slotKey, this, make);

    internal string[] FieldArray => _fields;

    /// <summary>The same content under another resourceVersion: what a Deleted event shows.</summary>
    internal CacheEntry WithRevision(long revision)
    {
        SplicedJson json = SplicedJson.Replace(_json, _revisionStart, _revisionLength, revision);
        return new CacheEntry(Key, Namespace, Name, revision, json, Labels, _fields, _layout);
    }
}
