using KubeLite.Storage.Caching.Differences;

namespace KubeLite.Storage.Caching;

/// <summary>One object at one revision, as it is served: final bytes, and what selectors need of it. Immutable but for its slots, and
/// for how it keeps its bytes; safe for concurrent use.</summary>
public sealed class CacheEntry : SlotHolder
{
    // Sharing bytes with an entry that shares its own makes chains, all of which have to be gone through for the bytes of the first.
    // What a Deleted event shows may be one before the first.
    internal const int MaxChain = 8;

    private readonly string[] _fields;
    private readonly FieldLayout _layout;
    private readonly int _revisionStart;
    private readonly byte _revisionLength;

    // How long the longest chain is that ends here. For who makes entries share, one at a time.
    private byte _chain;

    // A byte[], or a SharedBody that makes the same bytes.
    private object _body;

    internal CacheEntry(
        string key, string @namespace, string name, long revision, SplicedJson json, LabelSet labels, string[] fields, FieldLayout layout)
    {
        Key = key;
        Namespace = @namespace;
        Name = name;
        Revision = revision;
        Labels = labels;
        _body = json.Bytes;
        _revisionStart = json.RevisionStart;
        _revisionLength = (byte)json.RevisionLength;
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

    /// <summary>The final JSON, metadata.resourceVersion included: always the same bytes. Those of a version that has not been the
    /// newest for some seconds may be made anew with each call.</summary>
    public ReadOnlyMemory<byte> Json => Bytes;

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
    /// at once, both get the same one, as long as the entry is its object's newest; older ones forget their values once, and make them
    /// anew when asked again.</summary>
    public T GetOrAdd<T>(object slotKey, Func<CacheEntry, T> make) => GetOrAddSlot(slotKey, this, make);

    internal string[] FieldArray => _fields;

    /// <summary>A byte[], or a <see cref="SharedBody"/> that makes the same bytes.</summary>
    internal object Body => Volatile.Read(ref _body);

    private byte[] Bytes
    {
        get
        {
            object body = Body;
            return body is SharedBody shared ? shared.ToArray() : (byte[])body;
        }
    }

    /// <summary>The same content under another resourceVersion: what a Deleted event shows.</summary>
    /// <param name="revision">The other resourceVersion.</param>
    /// <param name="shared">True: it keeps this entry and its difference to it, where that is less than its bytes.</param>
    internal CacheEntry WithRevision(long revision, bool shared)
    {
        byte[] bytes = Bytes;
        SplicedJson json = SplicedJson.Replace(bytes, _revisionStart, _revisionLength, revision);
        CacheEntry other = new(Key, Namespace, Name, revision, json, Labels, _fields, _layout);
        if (shared && SharedBody.TryMake(json.Bytes, this, bytes) is { } body)
        {
            other._body = body;
        }

        return other;
    }

    /// <summary>Lets go of the bytes, and keeps <paramref name="newer"/> and the difference to it instead, where that is less and the
    /// chain not too long. Safe beside any reader; called by one thread at a time, for an entry that is not its object's newest.</summary>
    /// <returns>True where the bytes are shared now.</returns>
    internal bool TryShareWith(CacheEntry newer)
    {
        if (_chain >= MaxChain || Body is not byte[] bytes || newer.Body is not byte[] newerBytes
            || SharedBody.TryMake(bytes, newer, newerBytes) is not { } body)
        {
            return false;
        }

        newer._chain = Math.Max(newer._chain, (byte)(_chain + 1));
        Volatile.Write(ref _body, body);
        return true;
    }
}
