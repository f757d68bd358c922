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
        DropNulls(value, schema);
        Default(value, schema);
    }

    /// <summary>Takes nulls out that are neither a value nor stand for a default, in place.</summary>
    public static void DropNulls(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map:
                for (int i = 0; i < map.Count; i++)
                {
                    var (name, member) = map.At(i);
                    if (schema.Member(name) is not { } inner)
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
            case JsonList list when schema is { Kind: ValueKind.List, Element: { } element }:
                foreach (object? item in list)
                {
                    DropNulls(item, element);
                }

                break;
        }
    }

    private static void Default(object? value, Schema schema)
    {
        switch (value)
        {
            case JsonMap map:
                foreach (SchemaField field in schema.Fields)
                {
                    if (field.Schema.Default is { } fallback &&
                        (!map.TryGetValue(field.Name, out object? present) || IsNoValue(present, field.Schema)))
                    {
                        map[field.Name] = JsonValue.DeepCopy(fallback);
                    }
                }

                for (int i = 0; i < map.Count; i++)
                {
                    if (schema.Member(map.At(i).Key) is { Custom: true } inner)
                    {
                        map.SetAt(i, Defaulted(map.At(i).Value, inner));
                    }
                }

                break;
            case JsonList list when schema is { Kind: ValueKind.List, Element: { } element }:
                for (int i = 0; i < list.Count; i++)
                {
                    list[i] = Defaulted(list[i], element);
                }

                break;
        }
    }

    private static object? Defaulted(object? value, Schema schema)
    {
        object? set = IsNoValue(value, schema) ? JsonValue.DeepCopy(schema.Default) : value;
        Default(set, schema);
        return set;
    }

    private static bool IsNoValue(object? value, Schema schema) => value is null && schema is { Custom: true, Nullable: false };
}
