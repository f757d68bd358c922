using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>A path of names (<c>.spec.replicas</c>), as the scale subresource names its fields.</summary>
public static class SimplePath
{
    /// <summary>The value at a path; null where there is none.</summary>
    public static object? Get(JsonMap obj, string path)
    {
        object? current = obj;
        foreach (string name in Names(path))
        {
            current = (current as JsonMap)?[name];
        }

        return current;
    }

    /// <summary>Looks for a value of a type at a path.</summary>
    /// <param name="obj">The object.</param>
    /// <param name="path">The path.</param>
    /// <param name="expected">The Go type of the value: <c>int64</c> or <c>string</c>.</param>
    /// <param name="value">The value; null where there is none of that type.</param>
    /// <returns>What Kubernetes says where something of another type stands there or on the way; null where nothing does.</returns>
    public static string? Fault(JsonMap obj, string path, string expected, out object? value)
    {
        string[] names = Names(path);
        object? current = obj;
        value = null;
        for (int i = 0; i < names.Length; i++)
        {
            if (current is null)
            {
                return null;
            }

            if (current is not JsonMap map)
            {
                return Mismatch("." + string.Join('.', names[..(i + 1)]), current, "map[string]interface{}");
            }

            if (!map.TryGetValue(names[i], out current))
            {
                return null;
            }
        }

        if (GoText.TypeOf(current) != expected)
        {
            return Mismatch("." + string.Join('.', names), current, expected);
        }

        value = current;
        return null;
    }

    /// <summary>Sets the value at a path; objects on the way are made.</summary>
    public static void Set(JsonMap obj, string path, object? value)
    {
        string[] names = Names(path);
        JsonMap current = obj;
        foreach (string name in names[..^1])
        {
            current = current.MapAt(name);
        }

        current[names[^1]] = value;
    }

    /// <summary>The names of a path.</summary>
    public static string[] Names(string path) => (path.StartsWith('.') ? path[1..] : path).Split('.');

    private static string Mismatch(string path, object? value, string expected) =>
        $"{path} accessor error: {GoText.Of(value)} is of the type {GoText.TypeOf(value) ?? "<nil>"}, expected {expected}";
}
