using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>
/// Reads built-in objects from Kubernetes' protobuf, by the field numbers of the facts. Fields that are unknown are passed
/// over, as protobuf asks for.
/// </summary>
public static class ProtobufDecoder
{
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Schema, Layout> s_layouts = [];

    /// <summary>Reads an object's content.</summary>
    /// <exception cref="DecodeException">The bytes are malformed.</exception>
    public static JsonMap Decode(ReadOnlySpan<byte> bytes, Schema schema)
    {
        var map = new JsonMap();
        Object(bytes, LayoutOf(schema), map);
        return map;
    }

    internal static long Number(ReadOnlySpan<byte> bytes, int field)
    {
        var reader = new WireReader(bytes);
        long found = 0;
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (number == field && type == 0)
            {
                found = (long)reader.ReadVarint();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return found;
    }

    internal static byte[] Content(ReadOnlySpan<byte> bytes, int field)
    {
        var reader = new WireReader(bytes);
        byte[] found = [];
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (number == field && type == 2)
            {
                found = reader.ReadBytes().ToArray();
            }
            else
            {
                reader.Skip(type);
            }
        }

        return found;
    }

    private static Layout LayoutOf(Schema schema) => s_layouts.GetValue(schema, static s => Layout.Of(s.Fields, 0));

    private static void Object(ReadOnlySpan<byte> bytes, Layout layout, JsonMap map)
    {
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (!layout.Entries.TryGetValue(number, out Layout.Entry entry))
            {
                reader.Skip(type);
            }
            else if (entry.Inline is not null)
            {
                Object(reader.ReadBytes(), entry.Inline, map);
            }
            else
            {
                Field(ref reader, type, entry.Field!, map);
            }
        }
    }

    private static void Field(ref WireReader reader, int type, SchemaField field, JsonMap map)
    {
        Schema schema = field.Schema;
        if (schema.Kind == ValueKind.List)
        {
            if (map[field.Name] is not JsonList list)
            {
                map[field.Name] = list = [];
            }

            if (type == 2 && schema.Element!.Kind is (ValueKind.Int32 or ValueKind.Int64))
            {
                // Numbers may stand packed.
                var packed = new WireReader(reader.ReadBytes());
                while (!packed.AtEnd)
                {
                    list.Add(Integer(packed.ReadVarint(), schema.Element.Kind));
                }

                return;
            }

            list.Add(Value(ref reader, type, schema.Element!));
            return;
        }

        if (schema.Kind == ValueKind.Map)
        {
            JsonMap members = map.MapAt(field.Name);
            var entry = new WireReader(reader.ReadBytes());
            string key = "";
            object? value = null;
            while (!entry.AtEnd)
            {
                (int number, int entryType) = entry.ReadTag();
                if (number == 1 && entryType == 2)
                {
                    key = Encoding.UTF8.GetString(entry.ReadBytes());
                }
                else if (number == 2)
                {
                    value = schema.Element!.Kind == ValueKind.List
                        ? Items(entry.ReadBytes(), schema.Element)
                        : Value(ref entry, entryType, schema.Element);
                }
                else
                {
                    entry.Skip(entryType);
                }
            }

            members[key] = value ?? (schema.Element!.Kind == ValueKind.String ? "" : null);
            return;
        }

        object? decoded = Value(ref reader, type, schema);
        if (decoded is not null)
        {
            map[field.Name] = decoded;
        }
    }

    /// <summary>A list that is a map's value is a message with the items as its first field.</summary>
    private static JsonList Items(ReadOnlySpan<byte> bytes, Schema list)
    {
        var items = new JsonList();
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (number == 1)
            {
                items.Add(Value(ref reader, type, list.Element!));
            }
            else
            {
                reader.Skip(type);
            }
        }

        return items;
    }

    private static object? Value(ref WireReader reader, int type, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.String:
                return Encoding.UTF8.GetString(reader.ReadBytes());
            case ValueKind.Int32 or ValueKind.Int64:
                return Integer(reader.ReadVarint(), schema.Kind);
            case ValueKind.Boolean:
                return reader.ReadVarint() != 0;
            case ValueKind.Double:
                return type == 1 ? reader.ReadDouble() : Integer(reader.ReadVarint(), ValueKind.Int64);
            case ValueKind.Bytes:
                return Convert.ToBase64String(reader.ReadBytes());
            case ValueKind.Object:
                var map = new JsonMap();
                Object(reader.ReadBytes(), LayoutOf(schema), map);
                return map;
            case ValueKind.Quantity:
                return Text(reader.ReadBytes(), 1) is { Length: > 0 } quantity ? quantity : "0";
            case ValueKind.IntOrString:
                return IntOrString(reader.ReadBytes());
            case ValueKind.Time or ValueKind.MicroTime:
                return Time(reader.ReadBytes(), schema.Kind == ValueKind.MicroTime);
            case ValueKind.Duration:
                return GoDurationText.Format(Number(reader.ReadBytes(), 1));
            case ValueKind.RawExtension or ValueKind.FieldsV1:
                byte[] raw = Content(reader.ReadBytes(), 1);
                return raw.Length == 0 ? null : Json(raw);
            default:
                return SchemaUnions.Decode(reader.ReadBytes(), schema);
        }
    }

    private static object? Json(byte[] raw)
    {
        try
        {
            return JsonReading.Read(raw);
        }
        catch (JsonSyntaxException e)
        {
            throw new DecodeException(e.Message);
        }
    }

    private static object Integer(ulong value, ValueKind kind) => kind == ValueKind.Int32 ? (long)(int)value : (long)value;

    private static object IntOrString(ReadOnlySpan<byte> bytes) =>
        Number(bytes, 1) == 1 ? Text(bytes, 3) ?? "" : (long)(int)Number(bytes, 2);

    private static string? Time(ReadOnlySpan<byte> bytes, bool micro)
    {
        long seconds = Number(bytes, 1), nanos = Number(bytes, 2);
        if (seconds == 0 && nanos == 0)
        {
            return null;
        }

        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62135596800, 253402300799)).AddTicks(nanos / 100);
        return micro ? ApiTime.FormatMicro(time) : ApiTime.Format(time);
    }

    private static string? Text(ReadOnlySpan<byte> bytes, int field) => Encoding.UTF8.GetString(Content(bytes, field));

    /// <summary>Which number means what: a field, or a message whose fields are the object's own.</summary>
    private sealed class Layout
    {
        public Dictionary<int, Entry> Entries { get; } = [];

        public static Layout Of(IEnumerable<SchemaField> fields, int depth)
        {
            var layout = new Layout();
            foreach (IGrouping<int, SchemaField> same in fields.Where(f => f.WirePath.Count > depth).GroupBy(f => f.WirePath[depth]))
            {
                SchemaField first = same.First();
                layout.Entries[same.Key] = first.WirePath.Count == depth + 1
                    ? new Entry(first, null)
                    : new Entry(null, Of(same, depth + 1));
            }

            return layout;
        }

        public readonly record struct Entry(SchemaField? Field, Layout? Inline);
    }
}
