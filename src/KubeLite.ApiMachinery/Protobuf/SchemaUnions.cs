using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>The values of apiextensions that are one thing or another in JSON and messages of their own in protobuf.</summary>
internal static class SchemaUnions
{
    private const string Prefix = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    public static object? Decode(ReadOnlySpan<byte> bytes, Schema schema)
    {
        byte[] message = bytes.ToArray();
        switch (schema.TypeName)
        {
            case Prefix + "JSONSchemaPropsOrBool":
                byte[] inner = ProtobufDecoder.Content(message, 2);
                return inner.Length > 0 ? ProtobufDecoder.Decode(inner, Props()) : ProtobufDecoder.Number(message, 1) != 0;
            case Prefix + "JSONSchemaPropsOrArray":
                byte[] one = ProtobufDecoder.Content(message, 1);
                return one.Length > 0 ? ProtobufDecoder.Decode(one, Props()) : Repeated(message, 2, b => ProtobufDecoder.Decode(b, Props()));
            case Prefix + "JSONSchemaPropsOrStringArray":
                byte[] props = ProtobufDecoder.Content(message, 1);
                return props.Length > 0 ? ProtobufDecoder.Decode(props, Props()) : Repeated(message, 2, System.Text.Encoding.UTF8.GetString);
            default:
                byte[] raw = ProtobufDecoder.Content(message, 1);
                return raw.Length == 0 ? null : JsonReading.Read(raw);
        }
    }

    public static void Write(WireWriter message, object? value, Schema schema)
    {
        switch (schema.TypeName)
        {
            case Prefix + "JSONSchemaPropsOrBool":
                message.Integer(1, value is false ? 0 : 1);
                if (value is JsonMap props)
                {
                    Write(message, 2, props);
                }

                break;
            case Prefix + "JSONSchemaPropsOrArray" or Prefix + "JSONSchemaPropsOrStringArray":
                if (value is JsonMap single)
                {
                    Write(message, 1, single);
                }

                foreach (object? item in value as JsonList ?? [])
                {
                    if (item is JsonMap map)
                    {
                        Write(message, 2, map);
                    }
                    else if (item is string text)
                    {
                        message.Text(2, text);
                    }
                }

                break;
            default:
                message.Bytes(1, JsonWriting.ToBytes(value));
                break;
        }
    }

    private static void Write(WireWriter message, int field, JsonMap props)
    {
        int begun = message.Begin(field);
        ProtobufEncoder.Write(message, props, Props());
        message.End(begun);
    }

    private static Schema Props() => ApiFacts.Newest.Type(Prefix + "JSONSchemaProps");

    private static JsonList Repeated(byte[] message, int field, Func<byte[], object?> read)
    {
        var list = new JsonList();
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (number == field && type == 2)
            {
                list.Add(read(reader.ReadBytes().ToArray()));
            }
            else
            {
                reader.Skip(type);
            }
        }

        return list;
    }
}
