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

    /// <summary>The object as JSON in the definition's version.</summary>
    public static ReadOnlyMemory<byte> Json(CacheEntry entry, ResourceDefinition definition) =>
        definition.ServesAsStored
            ? entry.Json
            : entry.GetOrAdd(definition, e => (ReadOnlyMemory<byte>)JsonWriting.ToBytes(Document(e, definition)));

    /// <summary>The object as an item of a list: built-in kinds leave out kind and apiVersion there.</summary>
    /// <param name="entry">The object.</param>
    /// <param name="definition">Its resource.</param>
    /// <param name="head">What <see cref="ItemHead"/> says of the definition.</param>
    /// <returns>The bytes behind the opening brace.</returns>
    public static ReadOnlyMemory<byte> ListItemTail(CacheEntry entry, ResourceDefinition definition, ReadOnlySpan<byte> head)
    {
        ReadOnlyMemory<byte> json = Json(entry, definition);
        return json.Span.StartsWith(head) ? json[head.Length..] : json[1..];
    }

    /// <summary>How the objects' JSON begins that items of a list leave out.</summary>
    public static byte[] ItemHead(ResourceDefinition definition) => Encoding.UTF8.GetBytes(
        definition.Custom ? "{" : $"{{\"kind\":\"{definition.Kind.Kind}\",\"apiVersion\":\"{definition.Kind.ApiVersion}\",");

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
