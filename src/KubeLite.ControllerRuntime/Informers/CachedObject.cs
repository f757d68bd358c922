using System.Text.Json;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>An object in an informer's cache, of which only the metadata is read. Thread-safe; never changed.</summary>
public abstract class CachedObject
{
    private protected CachedObject(V1ObjectMeta metadata)
    {
        Metadata = metadata;
        Key = new ObjectKey(metadata.NamespaceProperty ?? "", metadata.Name ?? "");
    }

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key { get; }

    /// <summary>The metadata without its managed fields.</summary>
    public V1ObjectMeta Metadata { get; }
}

/// <summary>
/// An object in an informer's cache. Its metadata is there at once; the rest is kept as it came, a few kilobytes of JSON, until
/// somebody asks for it: of many states of many objects nobody ever does. Thread-safe; never changed.
/// </summary>
public sealed class CachedObject<T> : CachedObject where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly CachedObjectReader<T> _reader;
    private readonly string?[]? _fields;

    // The JSON without metadata, then the model made of it.
    private object _content;

    internal CachedObject(V1ObjectMeta metadata, string?[]? fields, byte[] body, CachedObjectReader<T> reader) : base(metadata)
    {
        _fields = fields;
        _content = body;
        _reader = reader;
    }

    /// <summary>The whole object, the same at each call; read at the first.</summary>
    /// <exception cref="JsonException">It isn't a <typeparamref name="T"/>.</exception>
    public T Value
    {
        get
        {
            var content = Volatile.Read(ref _content);
            if (content is T known)
            {
                return known;
            }
            var made = _reader.Model(Metadata, (byte[])content);
            return Interlocked.CompareExchange(ref _content, made, content) is T other ? other : made;
        }
    }

    /// <summary>One of the <see cref="KnownFields"/>; empty where the object doesn't have it.</summary>
    internal string Field(int field) => _fields?[field] ?? "";

    /// <summary>Whether <see cref="Value"/> was asked for.</summary>
    internal bool IsRead => Volatile.Read(ref _content) is T;
}
