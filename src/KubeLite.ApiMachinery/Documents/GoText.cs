using System.Globalization;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Values as Go's <c>%v</c> prints them, for the messages that show them so.</summary>
public static class GoText
{
    /// <summary>The text: <c>map[a:1 b:[x y]]</c>.</summary>
    public static string Of(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonMap map => $"map[{string.Join(" ", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}:{Of(m.Value)}"))}]",
        JsonList list => $"[{string.Join(" ", list.Select(Of))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
