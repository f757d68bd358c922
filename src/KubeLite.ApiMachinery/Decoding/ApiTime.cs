using System.Globalization;
using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Decoding;

/// <summary>Times as the API writes them: RFC 3339 in UTC, in whole seconds or in microseconds.</summary>
public static partial class ApiTime
{
    private const string Layout = "2006-01-02T15:04:05Z07:00";
    private const string MicroLayout = "2006-01-02T15:04:05.000000Z07:00";

    /// <summary>A time in whole seconds.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time in microseconds.</summary>
    public static string FormatMicro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Reads a time of either form.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        return text is not null && Rfc3339().IsMatch(text) &&
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }

    /// <summary>The canonical text of a time in a body.</summary>
    /// <exception cref="DecodeException">It is no time.</exception>
    public static string? Normalize(object? value, bool micro)
    {
        if (value is null)
        {
            return null;
        }

        if (value is not string text)
        {
            throw new DecodeException($"json: cannot unmarshal {JsonValue.KindName(value)} into Go value of type string");
        }

        if (TryParse(text, out DateTimeOffset time))
        {
            return micro ? FormatMicro(time) : Format(time);
        }

        string layout = micro ? MicroLayout : Layout;
        (string rest, string part) = FirstFault(text);
        throw new DecodeException($"parsing time {GoQuote(text)} as {GoQuote(layout)}: cannot parse {GoQuote(rest)} as {GoQuote(part)}");
    }

    private static (string Remainder, string Part) FirstFault(string text)
    {
        ReadOnlySpan<(int Length, string Part)> parts =
            [(4, "2006"), (1, "-"), (2, "01"), (1, "-"), (2, "02"), (1, "T"), (2, "15"), (1, ":"), (2, "04"), (1, ":"), (2, "05")];
        int at = 0;
        foreach ((int length, string part) in parts)
        {
            bool digits = char.IsAsciiDigit(part[0]);
            if (at + length > text.Length)
            {
                return (text[at..], part);
            }

            for (int i = 0; i < length; i++)
            {
                if (digits ? !char.IsAsciiDigit(text[at + i]) : text[at] != part[0])
                {
                    return (text[at..], part);
                }
            }

            at += length;
        }

        return (text[at..], "Z07:00");
    }

    private static string GoQuote(string text) => JsonWriting.ToText(text);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
