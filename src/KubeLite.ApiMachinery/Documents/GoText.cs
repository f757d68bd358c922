using System.Globalization;

namespace KubeLite.ApiMachinery.Documents;

/// <summary>Values as Go prints them, for the messages that show them so.</summary>
public static class GoText
{
    /// <summary>Fractions of more digits before the point are written with an exponent.</summary>
    private const int PlainDigits = 6;

    /// <summary>As <c>%v</c> prints it: <c>map[a:1 b:[x y]]</c>.</summary>
    public static string Of(object? value) => value switch
    {
        null => "<nil>",
        string text => text,
        bool flag => flag ? "true" : "false",
        JsonMap map => $"map[{string.Join(" ", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}:{Of(m.Value)}"))}]",
        JsonList list => $"[{string.Join(" ", list.Select(Of))}]",
        double number => Number(number),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>A fraction as <c>%v</c> prints it: <c>1.5</c>, <c>1e+06</c>.</summary>
    public static string Number(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
        }

        string scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        ReadOnlySpan<char> power = scientific.AsSpan(scientific.IndexOf('E') + 1);
        int exponent = int.Parse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < PlainDigits)
        {
            return shortest;
        }

        string digits = shortest.Split('E')[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal).Trim('0');
        string sign = number < 0 ? "-" : "", fraction = digits.Length > 1 ? "." + digits[1..] : "";
        char direction = exponent < 0 ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[..1]}{fraction}e{direction}{Math.Abs(exponent):00}");
    }

    /// <summary>As <c>%#v</c> prints it: <c>map[string]interface {}{"a":1}</c>.</summary>
    public static string Source(object? value) => value switch
    {
        null => "interface {}(nil)",
        string text => Errors.FieldError.GoQuote(text),
        JsonMap map =>
            $"map[string]interface {{}}{{" +
                $"{string.Join(", ", map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{Source(m.Key)}:{Source(m.Value)}"))}}}",
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
