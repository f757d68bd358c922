using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>
/// Sets the defaults that a custom resource's schema names and takes out nulls where null is no value (apiextensions'
/// <c>schema/defaulting</c> of v1.36).
/// </summary>
public static class CustomDefaults
{
    /// <summary>Sets the defaults of a value and all that it holds, in place.</summary>
    public static void Apply(object? value, Schema schema)
    {
        Default(value, schema);
        DropNulls(value, schema);
    }

    private static void Default(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map when schema.Kind == ValueKind.Object:
                foreach (SchemaField field in schema.Fields)
                {
                    if (field.Schema.Default is { } fallback && (!map.TryGetValue(field.Name, out object? present) || IsNoValue(present, field.Schema)))
                    {
                        map[field.Name] = JsonValue.DeepCopy(fallback);
                    }

                    if (map[field.Name] is { } member)
                    {
                        Default(member, field.Schema);
                    }
                }

                break;
            case JsonMap map when schema.Kind == ValueKind.Map:
                for (int i = 0; i < map.Count; i++)
                {
                    if (IsNoValue(map.At(i).Value, schema.Element!))
                    {
                        map.SetAt(i, JsonValue.DeepCopy(schema.Element!.Default));
                    }

                    Default(map.At(i).Value, schema.Element!);
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List:
                for (int i = 0; i < list.Count; i++)
                {
                    if (IsNoValue(list[i], schema.Element!))
                    {
                        list[i] = JsonValue.DeepCopy(schema.Element!.Default);
                    }

                    Default(list[i], schema.Element!);
                }

                break;
        }
    }

    private static void DropNulls(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map when schema.Kind is ValueKind.Object or ValueKind.Map:
                for (int i = 0; i < map.Count; i++)
                {
                    var (name, member) = map.At(i);
                    Schema? inner = schema.Kind == ValueKind.Map ? schema.Element : schema.Field(name)?.Schema;
                    if (inner is null)
                    {
                        continue;
                    }

                    if (IsNoValue(member, inner) && inner.Default is null)
                    {
                        map.Remove(name);
                        i--;
                        continue;
                    }

                    DropNulls(member, inner);
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List:
                foreach (object? item in list)
                {
                    DropNulls(item, schema.Element!);
                }

                break;
        }
    }

    private static bool IsNoValue(object? value, Schema schema) => value is null && schema is { Custom: true, Nullable: false };
}
