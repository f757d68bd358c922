using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>Writes built-in objects as Kubernetes' protobuf, by the field numbers of the facts.</summary>
public static class ProtobufEncoder
{
    /// <summary>Encodes an object with its frame.</summary>
    /// <returns>Null where the kind isn't a built-in one.</returns>
    public static byte[]? TryEncode(JsonMap obj, ApiFacts facts)
    {
        var kind = GroupVersionKind.Parse(obj.String("apiVersion") ?? "", obj.String("kind") ?? "");
        Schema? schema = kind is { Group: "", Version: "v1", Kind: "Status" }
            ? facts.Type("io.k8s.apimachinery.pkg.apis.meta.v1.Status")
            : facts.TryGetKind(kind, out Schema? found) ? found : null;
        return schema is null || schema.Kind != ValueKind.Object ? null : ProtobufEnvelope.Close(kind, Message(obj, schema).Written);
    }

    /// <summary>Encodes an object's content.</summary>
    internal static WireWriter Message(JsonMap map, Schema schema) => Fields(map, schema.Fields, 0);

    private static WireWriter Fields(JsonMap map, IReadOnlyList<SchemaField> fields, int depth)
    {
        var writer = new WireWriter();
        for (int i = 0; i < fields.Count; i++)
        {
            SchemaField field = fields[i];
            if (field.WirePath.Count <= depth)
            {
                continue;
            }

            if (field.WirePath.Count == depth + 1)
            {
                if (map.TryGetValue(field.Name, out object? value) && value is not null)
                {
                    Field(writer, field.WirePath[depth], value, field.Schema);
                }

                continue;
            }

            // Fields of an embedded message stand together, as the facts are in wire order.
            var embedded = new List<SchemaField>();
            int number = field.WirePath[depth];
            bool any = false;
            for (; i < fields.Count && fields[i].WirePath.Count > depth + 1 && fields[i].WirePath[depth] == number; i++)
            {
                embedded.Add(fields[i]);
                any |= map[fields[i].Name] is not null;
            }

            i--;
            if (any)
            {
                writer.Message(number, Fields(map, embedded, depth + 1));
            }
        }

        return writer;
    }

    private static void Field(WireWriter writer, int number, object value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.List:
                foreach (object? item in value as JsonList ?? [])
                {
                    Value(writer, number, item, schema.Element!);
                }

                break;
            case ValueKind.Map:
                foreach (var (key, member) in value as JsonMap ?? [])
                {
                    var entry = new WireWriter();
                    entry.Text(1, key);
                    if (schema.Element!.Kind == ValueKind.List)
                    {
                        var list = new WireWriter();
                        Field(list, 1, member ?? new JsonList(), schema.Element);
                        entry.Message(2, list);
                    }
                    else
                    {
                        Value(entry, 2, member, schema.Element);
                    }

                    writer.Message(number, entry);
                }

                break;
            default:
                Value(writer, number, value, schema);
                break;
        }
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
            case ValueKind.Object:
                writer.Message(number, Message(value as JsonMap ?? new JsonMap(), schema));
                break;
            default:
                writer.Message(number, Special(value, schema));
                break;
        }
    }

    private static WireWriter Special(object? value, Schema schema)
    {
        var message = new WireWriter();
        switch (schema.Kind)
        {
            case ValueKind.Quantity:
                message.Text(1, value as string ?? "0");
                break;
            case ValueKind.IntOrString:
                message.Integer(1, value is string ? 1 : 0);
                message.Integer(2, value as long? ?? 0);
                message.Text(3, value as string ?? "");
                break;
            case ValueKind.Time or ValueKind.MicroTime:
                if (ApiTime.TryParse(value as string, out DateTimeOffset time))
                {
                    message.Integer(1, time.ToUnixTimeSeconds());
                    message.Integer(2, time.Ticks % TimeSpan.TicksPerSecond * 100);
                }

                break;
            case ValueKind.Duration:
                message.Integer(1, GoDurationText.Parse(value as string ?? ""));
                break;
            case ValueKind.RawExtension or ValueKind.FieldsV1:
                message.Bytes(1, JsonWriting.ToBytes(value));
                break;
            default:
                return SchemaUnions.Encode(value, schema);
        }

        return message;
    }
}
