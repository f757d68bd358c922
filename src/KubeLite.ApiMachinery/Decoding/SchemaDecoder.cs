using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Turns a parsed JSON value into one of its schema's form, in place: wrong types are refused with the words of Go's
/// decoder, members that the schema doesn't name are taken out and their paths noted, nulls are dropped, quantities and
/// times get their canonical text.
/// </summary>
public sealed class SchemaDecoder
{
    private readonly List<string> _unknown;
    private readonly List<Step> _path = new(8);

    private SchemaDecoder(List<string> unknown) => _unknown = unknown;

    /// <summary>Decodes an object.</summary>
    /// <param name="value">The parsed object; it is changed.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="unknown">Gets the paths of members that the schema doesn't name.</param>
    /// <exception cref="DecodeException">A value is of a wrong type or can't be read.</exception>
    public static void Decode(JsonMap value, Schema schema, List<string> unknown)
    {
        if (schema.Custom)
        {
            CustomDecoder.Decode(value, schema, unknown);
            return;
        }

        new SchemaDecoder(unknown).Object(value, schema);
    }

    private object? Value(object? value, Schema schema, string owner)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object:
                if (value is null)
                {
                    return null;
                }

                if (value is not JsonMap map)
                {
                    throw Mismatch(value, schema, owner);
                }

                Object(map, schema);
                return map;
            case ValueKind.Map:
                return value is null ? null : Map(value as JsonMap ?? throw Mismatch(value, schema, owner), schema, owner);
            case ValueKind.List:
                return value is null ? null : List(value as JsonList ?? throw Mismatch(value, schema, owner), schema, owner);
            case ValueKind.String:
                return value is null or string ? value : throw Mismatch(value, schema, owner);
            case ValueKind.Boolean:
                return value is null or bool ? value : throw Mismatch(value, schema, owner);
            case ValueKind.Int32:
                return value switch
                {
                    null => null,
                    long n when n is >= int.MinValue and <= int.MaxValue => value,
                    double d when d == Math.Floor(d) && Math.Abs(d) <= int.MaxValue => (long)d,
                    long or double => throw Overflow(value, schema, owner),
                    _ => throw Mismatch(value, schema, owner),
                };
            case ValueKind.Int64:
                return value switch
                {
                    null or long => value,
                    double d when d == Math.Floor(d) && Math.Abs(d) < 9.2e18 => (long)d,
                    double => throw Overflow(value, schema, owner),
                    _ => throw Mismatch(value, schema, owner),
                };
            case ValueKind.Double:
                return value is null or long or double ? value : throw Mismatch(value, schema, owner);
            case ValueKind.Bytes:
                return Bytes(value, schema, owner);
            case ValueKind.Quantity:
                return QuantityText(value);
            case ValueKind.IntOrString:
                return value switch
                {
                    null or string => value,
                    long n when n is >= int.MinValue and <= int.MaxValue => value,
                    long or double => throw new DecodeException(
                        $"json: cannot unmarshal number {Number(value)} into Go value of type int32"),
                    _ => throw new DecodeException($"json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type int32"),
                };
            case ValueKind.Time:
                return ApiTime.Normalize(value, micro: false);
            case ValueKind.MicroTime:
                return ApiTime.Normalize(value, micro: true);
            case ValueKind.Duration:
                return value is null or string
                    ? value
                    : throw new DecodeException($"json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type string");
            default:
                return value;
        }
    }

    private void Object(JsonMap map, Schema schema)
    {
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            _path.Add(new(name, IsField: true));
            if (schema.TryGetField(name, out SchemaField? field))
            {
                object? decoded = Value(value, field.Schema, schema.ShortName);
                if (decoded is null && field.Schema.Kind is not (ValueKind.Any or ValueKind.RawExtension))
                {
                    map.Remove(name);
                    i--;
                }
                else if (!ReferenceEquals(decoded, value))
                {
                    map.SetAt(i, decoded);
                }
            }
            else if (!schema.PreserveUnknown)
            {
                _unknown.Add(Path());
                map.Remove(name);
                i--;
            }

            _path.RemoveAt(_path.Count - 1);
        }
    }

    private JsonMap Map(JsonMap map, Schema schema, string owner)
    {
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            _path.Add(new(name, IsField: false));
            object? decoded = Value(value, schema.Element!, owner) ?? Zero(schema.Element!);
            if (!ReferenceEquals(decoded, value))
            {
                map.SetAt(i, decoded);
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return map;
    }

    private JsonList List(JsonList list, Schema schema, string owner)
    {
        for (int i = 0; i < list.Count; i++)
        {
            _path.Add(new(null, IsField: false, i));
            list[i] = Value(list[i], schema.Element!, owner) ?? Zero(schema.Element!);
            _path.RemoveAt(_path.Count - 1);
        }

        return list;
    }

    private object? Bytes(object? value, Schema schema, string owner)
    {
        if (value is null)
        {
            return null;
        }

        if (value is not string text)
        {
            throw Mismatch(value, schema, owner);
        }

        string stripped = text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        int valid = Base64Text.ValidLength(stripped);
        return valid < 0
            ? stripped
            : throw new DecodeException($"illegal base64 data at input byte {valid}");
    }

    private static object? QuantityText(object? value)
    {
        if (value is null)
        {
            return null;
        }

        string text = value switch
        {
            string s => s.Trim(),
            long or double => Number(value),
            bool b => b ? "true" : "false",
            _ => JsonWriting.ToText(value),
        };
        return Quantity.TryParse(text, out Quantity quantity, out string? error)
            ? quantity.ToString()
            : throw new DecodeException(error!);
    }

    private static object? Zero(Schema schema) => schema.Kind switch
    {
        ValueKind.Object or ValueKind.Map => new JsonMap(),
        ValueKind.List => new JsonList(),
        ValueKind.String or ValueKind.Bytes or ValueKind.Duration => "",
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.IntOrString or ValueKind.Double => 0L,
        ValueKind.Boolean => false,
        ValueKind.Quantity => "0",
        _ => null,
    };

    /// <summary>Where the value stands: <c>spec.containers[0].name</c>.</summary>
    private string Path()
    {
        var text = new StringBuilder();
        foreach (Step step in _path)
        {
            if (step.Name is null)
            {
                text.Append('[').Append(step.Index).Append(']');
            }
            else
            {
                text.Append(text.Length > 0 ? "." : "").Append(step.Name);
            }
        }

        return text.ToString();
    }

    /// <summary>The same as Go's decoder names it: the fields on the way.</summary>
    private string GoPath() => string.Join('.', _path.Where(s => s.IsField).Select(s => s.Name));

    private DecodeException Mismatch(object value, Schema schema, string owner) => new(
        $"json: cannot unmarshal {JsonValue.KindName(value)} into Go struct field {owner}.{GoPath()} of type {schema.GoTypeName}");

    private DecodeException Overflow(object value, Schema schema, string owner) => new(
        $"json: cannot unmarshal number {Number(value)} into Go struct field {owner}.{GoPath()} of type {schema.GoTypeName}");

    private static string Number(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>A step to a value.</summary>
    /// <param name="Name">The field or the map's key; null for a list's item.</param>
    /// <param name="IsField">True for a field.</param>
    /// <param name="Index">The place of a list's item.</param>
    private readonly record struct Step(string? Name, bool IsField, int Index = 0);
}
