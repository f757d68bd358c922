using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>Makes cached objects of JSON, and models of cached objects. <see cref="Read"/> is for one thread at a time.</summary>
/// <param name="resource">Whose objects they are; a list leaves out their kind.</param>
/// <param name="type">How models are read.</param>
/// <param name="trim">Drops what nobody reads from an object's metadata before it is cached.</param>
internal sealed class CachedObjectReader<T>(ResourceInfo resource, Func<JsonTypeInfo<T>> type, Action<V1ObjectMeta>? trim)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    // What is left out may split the rest: kind and apiVersion, metadata.
    private const int MaxPieces = 4;

    private static readonly byte[] s_empty = "{}"u8.ToArray();

    private readonly StringPool _strings = new();
    private readonly KnownFields _known = KnownFields.Of<T>();
    private MetadataReader? _metadata;

    /// <summary>Reads an object's metadata and copies the rest.</summary>
    /// <exception cref="JsonException">It isn't an object with metadata.</exception>
    internal CachedObject<T> Read(ref Utf8JsonReader reader, in ReadOnlySequence<byte> json)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"{reader.TokenType} is no {resource.Kind}.");
        }
        V1ObjectMeta? metadata = null;
        var fields = _known.Count == 0 ? null : new string?[_known.Count];
        Span<(long Start, long End)> pieces = stackalloc (long, long)[MaxPieces];
        var count = 0;
        var open = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = reader.TokenStartIndex;
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                metadata = (_metadata ??= new MetadataReader(_strings)).Read(ref reader);
                open = false;
            }
            else if (reader.ValueTextEquals("kind"u8) || reader.ValueTextEquals("apiVersion"u8))
            {
                reader.Skip();
                open = false;
            }
            else
            {
                ReadFields(ref reader, fields);
                if (!open)
                {
                    pieces[count < MaxPieces ? count++ : throw new JsonException("An object has a member twice.")].Start = start;
                    open = true;
                }
                pieces[count - 1].End = reader.BytesConsumed;
            }
        }
        metadata ??= new V1ObjectMeta();
        trim?.Invoke(metadata);
        return new CachedObject<T>(metadata, fields, Body(json, pieces[..count]), this);
    }

    /// <summary>The model of an object that was read.</summary>
    internal T Model(V1ObjectMeta metadata, byte[] body)
    {
        var model = JsonSerializer.Deserialize(body, type()) ?? throw new JsonException($"null is no {resource.Kind}.");
        model.Metadata = metadata;
        if (typeof(T) != typeof(PartialObjectMetadata))
        {
            model.ApiVersion = resource.ApiVersion;
            model.Kind = resource.Kind;
        }
        return model;
    }

    /// <summary>Goes over a member, from its name to its end, and keeps the fields in it that are known.</summary>
    private void ReadFields(ref Utf8JsonReader reader, string?[]? fields)
    {
        for (var field = 0; field < _known.Count; field++)
        {
            if (!reader.ValueTextEquals(_known.Member(field)))
            {
                continue;
            }
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                break;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var wanted = reader.ValueTextEquals(_known.Name(field));
                reader.Read();
                if (wanted && reader.TokenType == JsonTokenType.String)
                {
                    fields![field] = _strings.Read(ref reader);
                }
                reader.Skip();
            }
            return;
        }
        reader.Skip();
    }

    private static byte[] Body(in ReadOnlySequence<byte> json, ReadOnlySpan<(long Start, long End)> pieces)
    {
        if (pieces.IsEmpty)
        {
            return s_empty;
        }
        var length = 1 + pieces.Length;
        foreach (var (start, end) in pieces)
        {
            length += (int)(end - start);
        }
        var body = GC.AllocateUninitializedArray<byte>(length);
        body[0] = (byte)'{';
        var at = 1;
        foreach (var (start, end) in pieces)
        {
            json.Slice(start, end - start).CopyTo(body.AsSpan(at));
            at += (int)(end - start);
            body[at++] = (byte)',';
        }
        body[^1] = (byte)'}';
        return body;
    }
}
