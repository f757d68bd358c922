using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// Reads what stands in the store, whoever wrote it: this server's canonical JSON as it is, and what Kubernetes v1.36 leaves
/// behind – protobuf in its <c>k8s\0</c> frame for built-in kinds, JSON with a closing line feed for CustomResourceDefinitions,
/// APIServices and custom resources, any version of a kind – brought into the same form. Safe for use from many threads.
/// </summary>
/// <remarks>
/// The way back needs nothing: Kubernetes' storage decoder recognizes JSON beside protobuf, whatever
/// <c>--storage-media-type</c> says (apiserver, <c>server/storage/storage_codec.go</c> and <c>serializer/recognizer</c>).
/// </remarks>
public sealed class StoredValues(Defaulter defaulter)
{
    /// <summary>The bytes that the watch cache serves, but for the resourceVersion.</summary>
    /// <exception cref="StoreException">Corrupt: they can't be read.</exception>
    public ReadOnlyMemory<byte> Canonical(KeyValue stored, ResourceDefinition definition)
    {
        ReadOnlySpan<byte> value = stored.Value.Span;
        if (definition.Custom)
        {
            // A frame of a watch is one line: the line feed that Kubernetes writes would split it.
            return value.StartsWith("{"u8) ? stored.Value[..value.TrimEnd("\n \r\t"u8).Length] : throw Unreadable(stored, "it is not JSON");
        }

        return IsOwn(value, definition) ? stored.Value : JsonWriting.ToBytes(Foreign(stored, definition));
    }

    /// <summary>The object, in the storage version and normal form; it may be changed.</summary>
    /// <exception cref="StoreException">Corrupt: it can't be read.</exception>
    public JsonMap Read(KeyValue stored, ResourceDefinition definition)
    {
        if (!definition.Custom && !IsOwn(stored.Value.Span, definition))
        {
            return Foreign(stored, definition);
        }

        try
        {
            return ObjectCodec.AsStored(JsonReading.ReadMap(stored.Value.Span), definition);
        }
        catch (Exception e) when (e is JsonSyntaxException or DecodeException or InvalidCastException)
        {
            throw Unreadable(stored, e.Message);
        }
    }

    /// <summary>Kind and version come first in what this server writes, and nothing after the last brace.</summary>
    private static bool IsOwn(ReadOnlySpan<byte> value, ResourceDefinition definition) =>
        value.StartsWith(definition.StoredStart) && value[^1] == (byte)'}';

    private JsonMap Foreign(KeyValue stored, ResourceDefinition definition)
    {
        try
        {
            ReadOnlySpan<byte> value = stored.Value.Span;
            JsonMap obj = ProtobufEnvelope.Is(value) ? FromProtobuf(value, definition)
                : value.StartsWith("{"u8) ? FromJson(JsonReading.ReadMap(value), definition)
                : throw Unreadable(stored, value.StartsWith("k8s:enc:"u8)
                    ? "it is encrypted: let Kubernetes rewrite all Secrets with the identity provider first"
                    : "it is neither JSON nor Kubernetes' protobuf");
            GroupVersionKind storage = definition.StorageKind;
            if (obj.String("apiVersion") != storage.ApiVersion)
            {
                obj = definition.Strategy.Convert(obj, storage);
            }

            obj["kind"] = storage.Kind;
            obj["apiVersion"] = storage.ApiVersion;
            defaulter.Apply(obj, definition.StorageSchema);
            Normalizer.Normalize(obj, definition.StorageSchema);
            obj.Map("metadata")?.Remove("resourceVersion");
            return obj;
        }
        catch (Exception e) when (e is JsonSyntaxException or DecodeException or FormatException or InvalidCastException)
        {
            throw Unreadable(stored, e.Message);
        }
    }

    private static JsonMap FromProtobuf(ReadOnlySpan<byte> value, ResourceDefinition definition)
    {
        (string apiVersion, string kind, byte[] content) = ProtobufEnvelope.Open(value);
        Schema schema = SchemaOf(GroupVersionKind.Parse(apiVersion, kind), definition);
        JsonMap obj = ProtobufDecoder.Decode(content, schema);
        // Go writes fields that have no value, too.
        Normalizer.Normalize(obj, schema);
        obj["kind"] = kind;
        obj["apiVersion"] = apiVersion;
        return obj;
    }

    private static JsonMap FromJson(JsonMap obj, ResourceDefinition definition)
    {
        Schema schema = SchemaOf(GroupVersionKind.Parse(obj.String("apiVersion") ?? "", obj.String("kind") ?? ""), definition);
        SchemaDecoder.Decode(obj, schema, []);
        return obj;
    }

    /// <summary>The description of a stored version; one that is no longer served has the fields of the storage version.</summary>
    private static Schema SchemaOf(GroupVersionKind kind, ResourceDefinition definition) => kind.Kind != definition.StorageKind.Kind
        ? throw new DecodeException($"it is a {kind.Kind}, not a {definition.StorageKind.Kind}")
        : ApiFacts.Newest.TryGetKind(kind, out Schema? schema) ? schema : definition.StorageSchema;

    private static StoreException Unreadable(KeyValue stored, string reason) =>
        new(StoreErrorCode.Corrupt, $"the value at {stored.Key} can't be read: {reason}");
}
