using System.Globalization;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>UUIDs as text. Several forms are UUIDs, one of them is normal.</summary>
internal static class UuidText
{
    private const int Bare = 32, Normal = 36, Urn = 45;
    private const string Unread = "error validating uid: ", Form = "invalid UUID format";

    /// <summary>What is wrong with a text that must be a UUID in its normal form; null where nothing is.</summary>
    public static string? Fault(string text)
    {
        string? fault = text.Length switch
        {
            Bare => text.All(char.IsAsciiHexDigit) ? null : Form,
            Normal => IsDashed(text) ? null : Form,
            Normal + 2 when text[0] != '{' || text[^1] != '}' => "invalid bracketed UUID format",
            Normal + 2 => IsDashed(text[1..^1]) ? null : Form,
            Urn when !text.StartsWith("urn:uuid:", StringComparison.OrdinalIgnoreCase) =>
                "invalid urn prefix: " + FieldError.GoQuote(text[..(Urn - Normal)]),
            Urn => IsDashed(text[(Urn - Normal)..]) ? null : Form,
            _ => string.Create(CultureInfo.InvariantCulture, $"invalid UUID length: {text.Length}"),
        };
        return fault is not null ? Unread + fault
            : text.Length == Normal && !text.Any(char.IsAsciiLetterUpper) ? null
            : "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters";
    }

    private static bool IsDashed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
