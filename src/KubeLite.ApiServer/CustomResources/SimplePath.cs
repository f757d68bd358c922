using System.Globalization;
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

    /// <summary>A value as Go prints it.</summary>
    public static string GoText(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long or double => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        JsonList list => $"[{string.Join(' ', list.Select(i => i is null ? "<nil>" : GoText(i)))}]",
        JsonMap map => $"map[{string.Join(' ', map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}:{(m.Value is null ? "<nil>" : GoText(m.Value))}"))}]",
        _ => "",
    };

    /// <summary>The Go type of a value of JSON.</summary>
    public static string GoType(object value) => value switch
    {
        string => "string",
        bool => "bool",
        long => "int64",
        double => "float64",
        JsonList => "[]interface {}",
        _ => "map[string]interface {}",
    };

    /// <summary>The names of a path.</summary>
    public static string[] Names(string path) => (path.StartsWith('.') ? path[1..] : path).Split('.');
}
