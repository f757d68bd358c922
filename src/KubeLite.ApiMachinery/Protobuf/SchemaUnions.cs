using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Protobuf;

/// <summary>What a value of apiextensions may be.</summary>
internal enum SchemaUnionShape
{
    /// <summary>Any JSON, kept as text.</summary>
    Any,

    /// <summary>A schema, or whether anything is let through.</summary>
    PropsOrBool,

    /// <summary>A schema, or a list of schemas or names.</summary>
    PropsOrList,
}

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
                return one.Length > 0
                    ? ProtobufDecoder.Decode(one, Props())
                    : Repeated(message, 2, b => ProtobufDecoder.Decode(b, Props()));
            case Prefix + "JSONSchemaPropsOrStringArray":
                byte[] props = ProtobufDecoder.Content(message, 1);
                return props.Length > 0
                    ? ProtobufDecoder.Decode(props, Props())
                    : Repeated(message, 2, System.Text.Encoding.UTF8.GetString);
            default:
                byte[] raw = ProtobufDecoder.Content(message, 1);
                return raw.Length == 0 ? null : JsonReading.Read(raw);
        }
    }

    public static SchemaUnionShape ShapeOf(Schema schema) => schema.TypeName switch
    {
        Prefix + "JSONSchemaPropsOrBool" => SchemaUnionShape.PropsOrBool,
        Prefix + "JSONSchemaPropsOrArray" or Prefix + "JSONSchemaPropsOrStringArray" => SchemaUnionShape.PropsOrList,
        _ => SchemaUnionShape.Any,
    };

    public static Schema Props() => ApiFacts.Newest.Type(Prefix + "JSONSchemaProps");

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
