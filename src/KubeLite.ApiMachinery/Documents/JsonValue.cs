namespace KubeLite.ApiMachinery.Documents;

/// <summary>What holds for any value of a document: copying, equality, paths.</summary>
public static class JsonValue
{
    /// <summary>A copy that shares no map or list with the value.</summary>
    public static object? DeepCopy(object? value) => value switch
    {
        JsonMap map => map.DeepCopy(),
        JsonList list => list.DeepCopy(),
        _ => value,
    };

    /// <summary>Equality by content; the order of a map's members doesn't count, numbers are equal by value.</summary>
    public static bool DeepEquals(object? a, object? b)
    {
        a = a is JsonRaw left ? left.Value : a;
        b = b is JsonRaw right ? right.Value : b;
        switch (a)
        {
            case JsonMap x:
                if (b is not JsonMap y || x.Count != y.Count)
                {
                    return false;
                }

                for (int i = 0; i < x.Count; i++)
                {
                    var (key, value) = x.At(i);
                    if (!y.TryGetValue(key, out object? other) || !DeepEquals(value, other))
                    {
                        return false;
                    }
                }

                return true;
            case JsonList x:
                if (b is not JsonList z || x.Count != z.Count)
                {
                    return false;
                }

                for (int i = 0; i < x.Count; i++)
                {
                    if (!DeepEquals(x[i], z[i]))
                    {
                        return false;
                    }
                }

                return true;
            case long n when b is double d:
                return n == d;
            case double d when b is long n:
                return n == d;
            default:
                return Equals(a, b);
        }
    }

    /// <summary>Follows member names from a map; null where a step is absent or no map.</summary>
    public static object? Dig(JsonMap? map, params ReadOnlySpan<string> path)
    {
        object? at = map;
        foreach (string step in path)
        {
            if (at is not JsonMap m)
            {
                return null;
            }

            at = m[step];
        }

        return at;
    }

    /// <summary>The kind of a value as JSON names it: object, array, string, number, bool or null.</summary>
    public static string KindName(object? value) => value switch
    {
        null => "null",
        JsonMap => "object",
        JsonList => "array",
        string => "string",
        bool => "bool",
        _ => "number",
    };
}
