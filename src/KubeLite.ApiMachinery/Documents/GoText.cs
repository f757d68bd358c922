using System.Globalization;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Values as Go prints them, for the messages that show them so.</summary>
public static class GoText
{
    /// <summary>As <c>%v</c> prints it: <c>map[a:1 b:[x y]]</c>.</summary>
    public static string Of(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonMap map => $"map[{string.Join(" ", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}:{Of(m.Value)}"))}]",
        JsonList list => $"[{string.Join(" ", list.Select(Of))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>As <c>%#v</c> prints it: <c>map[string]interface {}{"a":1}</c>.</summary>
    public static string Source(object? value) => value switch
    {
        null => "interface {}(nil)",
        string text => Errors.FieldError.GoQuote(text),
        JsonMap map => $"map[string]interface {{}}{{{string.Join(", ", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{Source(m.Key)}:{Source(m.Value)}"))}}}",
        JsonList list => $"[]interface {{}}{{{string.Join(", ", list.Select(Source))}}}",
        _ => Of(value),
    };

    /// <summary>The type as <c>%T</c> prints it; null for null, which has none.</summary>
    public static string? TypeOf(object? value) => value switch
    {
        null => null,
        JsonMap => "map[string]interface {}",
        JsonList => "[]interface {}",
        string => "string",
        bool => "bool",
        long => "int64",
        _ => "float64",
    };
}
