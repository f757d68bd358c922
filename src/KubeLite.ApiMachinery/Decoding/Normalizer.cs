using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Brings a decoded object into the form in which Kubernetes would write it: fields in wire order, empty ones left out
/// or written as their <see cref="EmptyRule"/> says. Idempotent. The result is what is stored, served and owned.
/// </summary>
public static class Normalizer
{
    /// <summary>Normalizes an object in place.</summary>
    /// <param name="map">The object.</param>
    /// <param name="schema">Its description.</param>
    /// <param name="sent">
    /// True for what a caller sent: an empty list stays one, so that its manager owns it. What is stored has none, as
    /// Kubernetes stores objects in a form that knows no difference between empty and absent.
    /// </param>
    public static void Normalize(JsonMap map, Schema schema, bool sent = false)
    {
        if (schema.Custom)
        {
            NormalizeCustom(map, schema);
            return;
        }

        if (!NormalizeMembers(map, schema, sent))
        {
            Reorder(map, schema, sent);
        }
    }

    /// <summary>Normalizes what an object holds.</summary>
    /// <returns>True where the object itself has nothing to be put in order, left out or filled in.</returns>
    private static bool NormalizeMembers(JsonMap map, Schema schema, bool sent)
    {
        ReadOnlySpan<SchemaField> fields = schema.FieldSpan;
        bool inForm = true;
        int next = 0;
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            // Members mostly stand in order already: the field is looked for where the last one was.
            int at = next;
            while (at < fields.Length && !string.Equals(fields[at].Name, name))
            {
                inForm = inForm && !IsWrittenWithoutValue(fields[at]);
                at++;
            }

            SchemaField? field;
            if (at < fields.Length)
            {
                field = fields[at];
                next = at + 1;
            }
            else
            {
                inForm = false;
                if (!schema.TryGetField(name, out field))
                {
                    continue;
                }
            }

            if (value is not null)
            {
                Inner(value, field.Schema, sent);
            }

            inForm = inForm && IsWrittenAsIs(field, value, sent);
        }

        for (; next < fields.Length && inForm; next++)
        {
            inForm = !IsWrittenWithoutValue(fields[next]);
        }

        return inForm;
    }

    private static bool IsWrittenWithoutValue(SchemaField field) => field.Empty switch
    {
        EmptyRule.Optional or EmptyRule.OmitZero => false,
        EmptyRule.OmitEmpty => field.Schema.Kind == ValueKind.Object || HasNoEmptyForm(field.Schema),
        _ => true,
    };

    private static bool IsWrittenAsIs(SchemaField field, object? value, bool sent)
    {
        if (value is null)
        {
            return field.Empty == EmptyRule.OptionalNull ||
                (field.Empty is not (EmptyRule.Optional or EmptyRule.OmitZero or EmptyRule.OmitEmpty) && IsNullWhenZero(field.Schema));
        }

        return field.Empty switch
        {
            EmptyRule.Optional => true,
            EmptyRule.OmitZero => !IsZero(value, field.Schema),
            EmptyRule.OmitEmpty => field.Schema.Kind == ValueKind.Object || HasNoEmptyForm(field.Schema) || !IsZero(value, field.Schema),
            _ => sent || !IsEmptyCollection(value, field.Schema),
        };
    }

    /// <summary>Writes an object anew whose members are normalized.</summary>
    private static void Reorder(JsonMap map, Schema schema, bool sent)
    {
        var ordered = new JsonMap(map.Count + 2);
        foreach (SchemaField field in schema.FieldSpan)
        {
            bool present = map.TryGetValue(field.Name, out object? value);
            if (present && !sent && field.Empty is EmptyRule.Always or EmptyRule.OptionalNull && value is not null
                && IsEmptyCollection(value, field.Schema))
            {
                value = null;
            }

            switch (field.Empty)
            {
                case EmptyRule.Optional:
                    // An optional list or map is a nil slice when it has no items: only pointers keep an empty value.
                    if (value is not null)
                    {
                        ordered.Append(field.Name, value);
                    }

                    break;
                case EmptyRule.OptionalNull:
                    ordered.Append(field.Name, value);
                    break;
                case EmptyRule.OmitZero:
                    if (value is not null && !IsZero(value, field.Schema))
                    {
                        ordered.Append(field.Name, value);
                    }

                    break;
                case EmptyRule.OmitEmpty:
                    if (field.Schema.Kind == ValueKind.Object)
                    {
                        ordered.Append(field.Name, value ?? Empty(field.Schema));
                    }
                    else if (HasNoEmptyForm(field.Schema))
                    {
                        ordered.Append(field.Name, value ?? ZeroOf(field.Schema));
                    }
                    else if (value is not null && !IsZero(value, field.Schema))
                    {
                        ordered.Append(field.Name, value);
                    }

                    break;
                default:
                    ordered.Append(field.Name, value ?? ZeroOf(field.Schema));
                    break;
            }
        }

        if (schema.PreserveUnknown)
        {
            foreach (var (key, value) in map)
            {
                if (!schema.TryGetField(key, out _))
                {
                    ordered.Append(key, value);
                }
            }
        }

        map.TakeFrom(ordered);
    }

    /// <summary>Go writes an object that it has no type for in order of its names.</summary>
    private static void NormalizeCustom(JsonMap map, Schema schema)
    {
        SortKeys(map);
        for (int i = 0; i < map.Count; i++)
        {
            var (name, value) = map.At(i);
            if (value is null)
            {
                continue;
            }

            if (schema.TryGetField(name, out SchemaField? field))
            {
                Inner(value, field.Schema, sent: false);
            }
            else
            {
                SortAll(value);
            }
        }
    }

    private static void SortAll(object? value)
    {
        switch (value)
        {
            case JsonMap map:
                SortKeys(map);
                for (int i = 0; i < map.Count; i++)
                {
                    SortAll(map.At(i).Value);
                }

                break;
            case JsonList list:
                foreach (object? item in list)
                {
                    SortAll(item);
                }

                break;
        }
    }

    private static void Inner(object value, Schema schema, bool sent)
    {
        switch (schema.Kind)
        {
            case ValueKind.Object when value is JsonMap map:
                Normalize(map, schema, sent);
                break;
            case ValueKind.Object or ValueKind.IntOrString when schema.Custom:
                SortAll(value);
                break;
            case ValueKind.List when value is JsonList list && !schema.Element!.IsScalar:
                foreach (object? item in list)
                {
                    if (item is not null)
                    {
                        Inner(item, schema.Element, sent);
                    }
                }

                break;
            case ValueKind.Map when value is JsonMap map:
                SortKeys(map);
                if (!schema.Element!.IsScalar)
                {
                    for (int i = 0; i < map.Count; i++)
                    {
                        if (map.At(i).Value is { } item)
                        {
                            Inner(item, schema.Element, sent);
                        }
                    }
                }

                break;
        }
    }

    /// <summary>Go writes the keys of a map in order of their bytes.</summary>
    private static void SortKeys(JsonMap map)
    {
        bool sorted = true;
        for (int i = 1; i < map.Count && sorted; i++)
        {
            sorted = string.CompareOrdinal(map.At(i - 1).Key, map.At(i).Key) <= 0;
        }

        if (!sorted)
        {
            map.SortMembers();
        }
    }

    private static bool IsEmptyCollection(object value, Schema schema) => schema.Kind switch
    {
        ValueKind.List => value is JsonList { Count: 0 },
        ValueKind.Map => value is JsonMap { Count: 0 },
        _ => false,
    };

    private static JsonMap Empty(Schema schema)
    {
        var map = new JsonMap();
        Normalize(map, schema);
        return map;
    }

    private static bool HasNoEmptyForm(Schema schema) => schema.Kind is
        ValueKind.Quantity or ValueKind.IntOrString or ValueKind.Time or ValueKind.MicroTime or ValueKind.Duration
            or ValueKind.RawExtension;

    private static bool IsNullWhenZero(Schema schema) => schema.Kind is not
        (ValueKind.String or ValueKind.Int32 or ValueKind.Int64 or ValueKind.Double or ValueKind.IntOrString or ValueKind.Boolean or
        ValueKind.Quantity or ValueKind.Duration or ValueKind.Object);

    private static object? ZeroOf(Schema schema) => schema.Kind switch
    {
        ValueKind.String => "",
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.Double or ValueKind.IntOrString => 0L,
        ValueKind.Boolean => false,
        ValueKind.Quantity => "0",
        ValueKind.Duration => "0s",
        ValueKind.Object => Empty(schema),
        _ => null,
    };

    private static bool IsZero(object value, Schema schema) => schema.Kind switch
    {
        ValueKind.String or ValueKind.Bytes or ValueKind.Time or ValueKind.MicroTime => value is "",
        ValueKind.Int32 or ValueKind.Int64 or ValueKind.Double or ValueKind.IntOrString => value is 0L or 0d,
        ValueKind.Boolean => value is false,
        ValueKind.Map => value is JsonMap { Count: 0 },
        ValueKind.List => value is JsonList { Count: 0 },
        ValueKind.Object => value is JsonMap map && IsZeroObject(map, schema),
        ValueKind.FieldsV1 => value is JsonMap { Count: 0 },
        _ => false,
    };

    private static bool IsZeroObject(JsonMap map, Schema schema)
    {
        foreach (var (name, value) in map)
        {
            if (value is not null && schema.TryGetField(name, out SchemaField? field) &&
                (field.Empty is EmptyRule.Optional or EmptyRule.OptionalNull || !IsZero(value, field.Schema)))
            {
                return false;
            }
        }

        return true;
    }
}
