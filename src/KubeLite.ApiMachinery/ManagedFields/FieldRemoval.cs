using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.ManagedFields;

/// <summary>Takes fields out of an object.</summary>
internal static class FieldRemoval
{
    /// <summary>A copy of the object without the fields of a set.</summary>
    public static JsonMap Remove(JsonMap value, FieldSet fields, Schema schema) => Map(value, fields, schema) ?? new JsonMap();

    private static object? Value(object? value, FieldSet fields, Schema schema)
    {
        object? result = TypedValues.ShapeOf(schema, value) switch
        {
            Shape.Map when value is JsonMap map => Map(map, fields, schema),
            Shape.List when value is JsonList list => List(list, fields, schema),
            // What is owned as one value has nothing below it that could go.
            _ => null,
        };

        // Where only parts went, what held them stays, if empty.
        return result ?? (schema.IsScalar && value is not JsonMap and not JsonList ? value :
            schema.Nullable ? null : value switch { JsonMap => new JsonMap(), JsonList => new JsonList(), _ => value });
    }

    private static JsonMap? Map(JsonMap map, FieldSet fields, Schema schema)
    {
        var result = new JsonMap(map.Count);
        for (int i = 0; i < map.Count; i++)
        {
            var (name, member) = map.At(i);
            PathElement element = PathElement.Field(name);
            if (fields.Has(element))
            {
                continue;
            }

            result.Append(
                name, fields.Below(element) is { } below ? Value(member, below, TypedValues.Member(schema, name).Schema) : member);
        }

        return result.Count > 0 ? result : null;
    }

    private static JsonList? List(JsonList list, FieldSet fields, Schema schema)
    {
        var result = new JsonList(list.Count);
        foreach (object? item in list)
        {
            PathElement element = PathElement.ForItem(schema, item);
            if (!fields.Has(element))
            {
                result.Add(fields.Below(element) is { } below ? Value(item, below, TypedValues.Item(schema)) : item);
            }
        }

        return result.Count > 0 ? result : null;
    }
}
