using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Writes built-in objects as Kubernetes' protobuf, by the field numbers of the facts.</summary>
public static class ProtobufEncoder
{
    private const string MetaTypes = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>Encodes an object with its frame.</summary>
    /// <returns>Null where the kind isn't a built-in one.</returns>
    public static byte[]? TryEncode(JsonMap obj, ApiFacts facts)
    {
        var kind = GroupVersionKind.Parse(obj.String("apiVersion") ?? "", obj.String("kind") ?? "");
        var content = new WireWriter();
        if (kind is { Group: "meta.k8s.io", Kind: "PartialObjectMetadata" })
        {
            WriteMetadata(content, JsonWriting.ToBytes(obj["metadata"] ?? new JsonMap()), facts);
            return ProtobufEnvelope.Close(kind, content.Written);
        }

        Schema? schema = kind is { Group: "", Version: "v1", Kind: "Status" }
            ? facts.Type(MetaTypes + "Status")
            : facts.TryGetKind(kind, out Schema? found) ? found : null;
        if (schema is null || schema.Kind != ValueKind.Object)
        {
            return null;
        }

        Write(content, JsonWriting.ToBytes(obj), schema);
        return ProtobufEnvelope.Close(kind, content.Written);
    }

    /// <summary>Writes an object's content.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="json">The object as JSON, normalized.</param>
    /// <param name="schema">Its description.</param>
    public static void Write(WireWriter writer, ReadOnlySpan<byte> json, Schema schema) => new JsonTranscoder(json, writer).Object(schema);

    /// <summary>Writes the content of a PartialObjectMetadata, which the facts don't describe: metadata is its only field.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="metadata">The object's metadata as JSON.</param>
    /// <param name="facts">The types.</param>
    public static void WriteMetadata(WireWriter writer, ReadOnlySpan<byte> metadata, ApiFacts facts) =>
        WriteFirst(writer, metadata, facts.Type(MetaTypes + "ObjectMeta"));

    /// <summary>Writes the metadata of a list, which is the first field of every one.</summary>
    public static void WriteListMetadata(WireWriter writer, JsonMap metadata, ApiFacts facts) =>
        WriteFirst(writer, JsonWriting.ToBytes(metadata), facts.Type(MetaTypes + "ListMeta"));

    private static void WriteFirst(WireWriter writer, ReadOnlySpan<byte> json, Schema schema)
    {
        int begun = writer.Begin(1);
        Write(writer, json, schema);
        writer.End(begun);
    }
}
