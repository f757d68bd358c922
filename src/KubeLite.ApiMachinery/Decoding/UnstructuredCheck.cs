using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Refuses values of a wrong type with the words of Kubernetes' converter from maps to typed objects (apimachinery's
/// <c>runtime.DefaultUnstructuredConverter</c>), which decodes what a strategic merge patch made. What it takes,
/// <see cref="SchemaDecoder"/> decodes.
/// </summary>
public static class UnstructuredCheck
{
    /// <summary>Checks an object.</summary>
    /// <exception cref="DecodeException">A value is of a wrong type.</exception>
    public static void Run(JsonMap value, Schema schema)
    {
        foreach (SchemaField field in schema.FieldSpan)
        {
            if (value[field.Name] is { } member)
            {
                Value(member, field.Schema);
            }
        }
    }

    private static void Value(object? value, Schema schema)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object:
                Run(value as JsonMap ?? throw new DecodeException($"cannot restore struct from: {Kind(value)}"), schema);
                break;
            case ValueKind.Map:
                foreach (var (_, member) in value as JsonMap ?? throw new DecodeException($"cannot restore map from {Kind(value)}"))
                {
                    Item(member, schema.Element!);
                }

                break;
            case ValueKind.List:
                foreach (object? item in value as JsonList ?? throw new DecodeException($"cannot restore slice from {Kind(value)}"))
                {
                    Item(item, schema.Element!);
                }

                break;
            case ValueKind.Bytes:
                string text = value as string ?? throw new DecodeException($"cannot restore slice from {Kind(value)}");
                if (Base64Text.ValidLength(
                    text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)) is >= 0 and var valid)
                {
                    throw new DecodeException($"error decoding from json: illegal base64 data at input byte {valid}");
                }

                break;
            case ValueKind.String when value is not string:
                throw value is long ? Inconvertible(value, schema) : Unrecognized(schema);
            case ValueKind.Boolean when value is not bool:
                throw Unrecognized(schema);
            case ValueKind.Int32 or ValueKind.Int64:
                if (value is not long && !(value is double d && d == Math.Truncate(d)))
                {
                    throw value is double ? Inconvertible(value, schema) : Unrecognized(schema);
                }

                break;
            case ValueKind.Double when value is not (long or double):
                throw Unrecognized(schema);
        }
    }

    private static void Item(object? value, Schema schema)
    {
        if (value is not null)
        {
            Value(value, schema);
        }
    }

    private static DecodeException Inconvertible(object? value, Schema schema) =>
        new($"cannot convert {Kind(value)} to {schema.GoTypeName}");

    private static DecodeException Unrecognized(Schema schema) => new($"unrecognized type: {schema.GoTypeName}");

    private static string Kind(object? value) => value switch
    {
        JsonMap => "map",
        JsonList => "slice",
        _ => GoText.TypeOf(value)!,
    };
}
