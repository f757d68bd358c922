using KubeLite.ApiMachinery.Decoding;
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
            WriteMetadata(content, obj, facts);
            return ProtobufEnvelope.Close(kind, content.Written);
        }

        Schema? schema = kind is { Group: "", Version: "v1", Kind: "Status" }
            ? facts.Type(MetaTypes + "Status")
            : facts.TryGetKind(kind, out Schema? found) ? found : null;
        if (schema is null || schema.Kind != ValueKind.Object)
        {
            return null;
        }

        Write(content, obj, schema);
        return ProtobufEnvelope.Close(kind, content.Written);
    }

    /// <summary>Writes an object's content.</summary>
    public static void Write(WireWriter writer, JsonMap map, Schema schema) => Fields(writer, map, schema.FieldSpan, 0);

    /// <summary>Writes the content of a PartialObjectMetadata, which the facts don't describe: metadata is its only field.</summary>
    public static void WriteMetadata(WireWriter writer, JsonMap obj, ApiFacts facts) => WriteMetadata(writer, obj, facts.Type(MetaTypes + "ObjectMeta"));

    /// <summary>Writes the metadata of a list, which is the first field of every one.</summary>
    public static void WriteListMetadata(WireWriter writer, JsonMap metadata, ApiFacts facts)
    {
        int begun = writer.Begin(1);
        Write(writer, metadata, facts.Type(MetaTypes + "ListMeta"));
        writer.End(begun);
    }

    private static void WriteMetadata(WireWriter writer, JsonMap obj, Schema schema)
    {
        int begun = writer.Begin(1);
        Write(writer, obj.Map("metadata") ?? new JsonMap(), schema);
        writer.End(begun);
    }

    private static void Fields(WireWriter writer, JsonMap map, ReadOnlySpan<SchemaField> fields, int depth)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            SchemaField field = fields[i];
            if (field.WirePath.Count <= depth)
            {
                continue;
            }

            int number = field.WirePath[depth];
            if (field.WirePath.Count == depth + 1)
            {
                if (map.TryGetValue(field.Name, out object? value) && value is not null)
                {
                    Field(writer, number, value, field.Schema);
                }

                continue;
            }

            // Fields of an embedded message stand together, as the facts are in wire order.
            int first = i;
            bool any = false;
            for (; i < fields.Length && fields[i].WirePath.Count > depth + 1 && fields[i].WirePath[depth] == number; i++)
            {
                any |= map[fields[i].Name] is not null;
            }

            if (any)
            {
                int begun = writer.Begin(number);
                Fields(writer, map, fields[first..i], depth + 1);
                writer.End(begun);
            }

            i--;
        }
    }

    private static void Field(WireWriter writer, int number, object value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.List when value is JsonList list:
                foreach (object? item in list)
                {
                    Value(writer, number, item, schema.Element!);
                }

                break;
            case ValueKind.Map when value is JsonMap map:
                for (int i = 0; i < map.Count; i++)
                {
                    Entry(writer, number, map.At(i), schema.Element!);
                }

                break;
            case ValueKind.List or ValueKind.Map:
                break;
            default:
                Value(writer, number, value, schema);
                break;
        }
    }

    private static void Entry(WireWriter writer, int number, KeyValuePair<string, object?> member, Schema schema)
    {
        int entry = writer.Begin(number);
        writer.Text(1, member.Key);
        if (schema.Kind == ValueKind.List)
        {
            int list = writer.Begin(2);
            Field(writer, 1, member.Value ?? new JsonList(), schema);
            writer.End(list);
        }
        else
        {
            Value(writer, 2, member.Value, schema);
        }

        writer.End(entry);
    }

    private static void Value(WireWriter writer, int number, object? value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.String:
                writer.Text(number, value as string ?? "");
                break;
            case ValueKind.Int32 or ValueKind.Int64:
                writer.Integer(number, value as long? ?? 0);
                break;
            case ValueKind.Boolean:
                writer.Integer(number, value is true ? 1 : 0);
                break;
            case ValueKind.Double:
                writer.Double(number, value switch { double d => d, long n => n, _ => 0 });
                break;
            case ValueKind.Bytes:
                writer.Bytes(number, Convert.FromBase64String(value as string ?? ""));
                break;
            default:
                int begun = writer.Begin(number);
                Message(writer, value, schema);
                writer.End(begun);
                break;
        }
    }

    private static void Message(WireWriter writer, object? value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object:
                if (value is JsonMap map)
                {
                    Write(writer, map, schema);
                }

                break;
            case ValueKind.Quantity:
                writer.Text(1, value as string ?? "0");
                break;
            case ValueKind.IntOrString:
                writer.Integer(1, value is string ? 1 : 0);
                writer.Integer(2, value as long? ?? 0);
                writer.Text(3, value as string ?? "");
                break;
            case ValueKind.Time or ValueKind.MicroTime:
                if (ApiTime.TryParse(value as string, out DateTimeOffset time))
                {
                    writer.Integer(1, time.ToUnixTimeSeconds());
                    writer.Integer(2, time.Ticks % TimeSpan.TicksPerSecond * 100);
                }

                break;
            case ValueKind.Duration:
                writer.Integer(1, GoDurationText.Parse(value as string ?? ""));
                break;
            case ValueKind.RawExtension or ValueKind.FieldsV1:
                writer.Bytes(1, JsonWriting.ToBytes(value));
                break;
            default:
                SchemaUnions.Write(writer, value, schema);
                break;
        }
    }
}
