using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Responses;

/// <summary>The bytes of cached objects in each form in which they are served; made once and kept with the entry.</summary>
public static class EntryEncoding
{
    private static readonly GroupVersionKind s_metadataKind = new("meta.k8s.io", "v1", "PartialObjectMetadata");

    private static readonly ConcurrentDictionary<ResourceDefinition, byte[]> s_heads = new();

    /// <summary>The object as JSON in the definition's version.</summary>
    public static ReadOnlyMemory<byte> Json(CacheEntry entry, ResourceDefinition definition) =>
        definition is { IsStorageVersion: true, RefreshesStored: false }
            ? entry.Json
            : entry.GetOrAdd(definition, e => (ReadOnlyMemory<byte>)JsonWriting.ToBytes(Document(e, definition)));

    /// <summary>The object as an item of a list: built-in kinds leave out kind and apiVersion there.</summary>
    /// <returns>The bytes behind the opening brace.</returns>
    public static ReadOnlyMemory<byte> ListItemTail(CacheEntry entry, ResourceDefinition definition)
    {
        ReadOnlyMemory<byte> json = Json(entry, definition);
        if (definition.Custom)
        {
            return json[1..];
        }

        byte[] head = s_heads.GetOrAdd(definition, static d =>
            Encoding.UTF8.GetBytes($"{{\"kind\":\"{d.Kind.Kind}\",\"apiVersion\":\"{d.Kind.ApiVersion}\","));
        return json.Span.StartsWith(head) ? json[head.Length..] : json[1..];
    }

    /// <summary>The object, or a PartialObjectMetadata of it, as protobuf in its frame; the object can't be a custom resource.</summary>
    public static byte[] Protobuf(CacheEntry entry, ResourceDefinition definition, bool metadata)
    {
        var content = new WireWriter();
        WriteProtobuf(content, entry, definition, metadata);
        return ProtobufEnvelope.Close(metadata ? s_metadataKind : definition.Kind, content.Written);
    }

    /// <summary>Writes the object, or a PartialObjectMetadata of it, as the content of a protobuf message.</summary>
    public static void WriteProtobuf(WireWriter writer, CacheEntry entry, ResourceDefinition definition, bool metadata)
    {
        if (metadata)
        {
            ProtobufEncoder.WriteMetadata(writer, MetadataJson(entry, definition).Span, ApiFacts.Newest);
        }
        else
        {
            ProtobufEncoder.Write(writer, Json(entry, definition).Span, definition.Schema);
        }
    }

    /// <summary>The metadata of a PartialObjectMetadata of the object, as JSON.</summary>
    public static ReadOnlyMemory<byte> MetadataJson(CacheEntry entry, ResourceDefinition definition)
    {
        if (definition.Strategy.HasOwnPartialMetadata)
        {
            return JsonWriting.ToBytes(definition.Strategy.PartialMetadata(Document(entry, definition)));
        }

        ReadOnlyMemory<byte> json = Json(entry, definition);
        return json[FindMetadata(json.Span)];
    }

    /// <summary>Where an object's JSON holds its metadata.</summary>
    public static Range FindMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals("metadata"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found)
            {
                return start..(int)reader.BytesConsumed;
            }
        }

        throw new InvalidOperationException("a stored object has no metadata");
    }

    /// <summary>The object as a document in the definition's version, free to be changed.</summary>
    public static JsonMap Document(CacheEntry entry, ResourceDefinition definition) =>
        ObjectCodec.FromStorage(JsonReading.ReadMap(entry.Json.Span), definition);

    /// <summary>The object's metadata as a PartialObjectMetadata.</summary>
    public static JsonMap Metadata(JsonMap obj, ResourceDefinition definition) => new()
    {
        { "kind", "PartialObjectMetadata" },
        { "apiVersion", "meta.k8s.io/v1" },
        { "metadata", definition.Strategy.PartialMetadata(obj) },
    };
}
