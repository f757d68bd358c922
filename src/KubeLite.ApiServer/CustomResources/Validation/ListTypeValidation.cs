using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>Finds items that stand twice in lists that are sets or maps (apiextensions' <c>schema/listtype</c> of v1.36).</summary>
public static class ListTypeValidation
{
    /// <summary>Adds every item that stands twice.</summary>
    public static void Validate(object? value, Schema schema, FieldPath? path, FieldErrors errors)
    {
        switch (value)
        {
            case JsonMap map:
                foreach (var (name, member) in map)
                {
                    if (schema.Member(name) is { Custom: true } inner)
                    {
                        Validate(member, inner, schema.TryGetField(name, out _) ? path.Under(name) : path.At(name), errors);
                    }
                }

                break;
            case JsonList list when schema.Kind == ValueKind.List && path is not null:
                if (schema.ListType == ListType.Map && Misfit(list) is >= 0 and var misfit)
                {
                    errors.Invalid(path.Index(misfit), list[misfit], "must be an object for an array of list-type map");
                }
                else if (schema.ListType != ListType.Atomic)
                {
                    Unique(list, schema, path, errors);
                }

                for (int i = 0; i < list.Count; i++)
                {
                    Validate(list[i], schema.Element!, path.Index(i), errors);
                }

                break;
        }
    }

    private static int Misfit(JsonList list) => list.FindIndex(i => i is not (null or JsonMap));

    private static void Unique(JsonList list, Schema schema, FieldPath path, FieldErrors errors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < list.Count; i++)
        {
            object? key = schema.ListType == ListType.Set ? list[i] : Key(list[i] as JsonMap, schema.ListKeys);
            string text = JsonWriting.ToText(key);
            int times = seen[text] = seen.GetValueOrDefault(text) + 1;
            // Only the second is named, however many follow.
            if (times == 2)
            {
                errors.Duplicate(path.Index(i), key);
            }
        }
    }

    private static JsonMap Key(JsonMap? item, IReadOnlyList<string> names)
    {
        var key = new JsonMap();
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            if (item is not null && item.TryGetValue(name, out object? value))
            {
                key.Append(name, value);
            }
        }

        return key;
    }
}
