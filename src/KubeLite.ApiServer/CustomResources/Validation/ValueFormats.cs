using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>The formats of strings that schemas may ask for (kube-openapi's <c>validation/strfmt</c>); others are ignored.</summary>
public static partial class ValueFormats
{
    private static readonly Dictionary<string, Func<string, bool>> s_formats = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = t => t.Length == 24 && t.All(char.IsAsciiHexDigit),
        ["uri"] = t => t.StartsWith('/') || (Uri.TryCreate(t, UriKind.Absolute, out _) && t.Contains(':', StringComparison.Ordinal)),
        ["email"] = t => MailAddress.TryCreate(t, out _),
        ["hostname"] = t => t.Length is > 0 and <= 255 && Hostname().IsMatch(t),
        ["ipv4"] = t => IPAddress.TryParse(t, out IPAddress? a) && a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && t.Count(c => c == '.') == 3,
        ["ipv6"] = t => IPAddress.TryParse(t, out IPAddress? a) && a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !t.Contains('%'),
        ["cidr"] = IsCidr,
        ["mac"] = t => Mac().IsMatch(t),
        ["uuid"] = t => Uuid().IsMatch(t),
        ["uuid3"] = t => Uuid3().IsMatch(t),
        ["uuid4"] = t => Uuid4().IsMatch(t),
        ["uuid5"] = t => Uuid5().IsMatch(t),
        ["isbn"] = t => IsIsbn10(t) || IsIsbn13(t),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = IsCreditCard,
        ["ssn"] = t => Ssn().IsMatch(t),
        ["hexcolor"] = t => HexColor().IsMatch(t),
        ["rgbcolor"] = t => RgbColor().IsMatch(t),
        ["byte"] = t => t.Length > 0 && t.Length % 4 == 0 && Base64().IsMatch(t),
        ["password"] = _ => true,
        ["date"] = t => DateOnly.TryParseExact(t, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["duration"] = t => GoDuration().IsMatch(t) || ScalaDuration().IsMatch(t),
        ["datetime"] = t => IsDateTime(t),
        ["k8sshortname"] = t => !NameRules.DnsLabel(t).Any(),
        ["k8slongname"] = t => !NameRules.DnsSubdomain(t).Any(),
    };

    /// <summary>True where Kubernetes knows the format for strings.</summary>
    public static bool IsKnown(string format) => s_formats.ContainsKey(Normalized(format));

    /// <summary>True where a text is of the format, or the format isn't known.</summary>
    public static bool IsValid(string format, string text) => !s_formats.TryGetValue(Normalized(format), out Func<string, bool>? valid) || valid(text);

    private static string Normalized(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsDateTime(string text) => text.Length >= 20 && ApiTime.TryParse(text.ToUpperInvariant(), out _);

    private static bool IsCidr(string text)
    {
        int slash = text.IndexOf('/');
        return slash > 0 && IPAddress.TryParse(text[..slash], out IPAddress? address) &&
            (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork || text[..slash].Count(c => c == '.') == 3) &&
            int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int bits) &&
            bits <= (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
    }

    private static bool IsIsbn10(string text)
    {
        string digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (!Isbn10().IsMatch(digits))
        {
            return false;
        }

        int sum = 0;
        for (int i = 0; i < 10; i++)
        {
            sum += (i + 1) * (digits[i] == 'X' ? 10 : digits[i] - '0');
        }

        return sum % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        string digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length != 13 || !digits.All(char.IsAsciiDigit))
        {
            return false;
        }

        int sum = 0;
        for (int i = 0; i < 12; i++)
        {
            sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
        }

        return (10 - (sum % 10)) % 10 == digits[12] - '0';
    }

    private static bool IsCreditCard(string text)
    {
        string digits = new([.. text.Where(char.IsAsciiDigit)]);
        if (!CreditCard().IsMatch(digits))
        {
            return false;
        }

        int sum = 0;
        for (int i = digits.Length - 1, place = 0; i >= 0; i--, place++)
        {
            int digit = (digits[i] - '0') * (place % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
        }

        return sum % 10 == 0;
    }

    [GeneratedRegex(@"^([a-zA-Z0-9\p{L}]([a-zA-Z0-9\p{L}-]{0,61}[a-zA-Z0-9\p{L}])?)(\.[a-zA-Z0-9\p{L}]([a-zA-Z0-9\p{L}-]{0,61}[a-zA-Z0-9\p{L}])?)*$")]
    private static partial Regex Hostname();

    [GeneratedRegex(@"^(([0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}(([:-][0-9a-fA-F]{2}){2})?)|([0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2,3}))\z")]
    private static partial Regex Mac();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid3();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid4();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid5();

    [GeneratedRegex(@"^[0-9]{9}[0-9X]\z")]
    private static partial Regex Isbn10();

    [GeneratedRegex(@"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})\z")]
    private static partial Regex CreditCard();

    [GeneratedRegex(@"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z")]
    private static partial Regex Ssn();

    [GeneratedRegex(@"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex HexColor();

    [GeneratedRegex(@"^rgb\(\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*,\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*,\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*\)\z")]
    private static partial Regex RgbColor();

    [GeneratedRegex(@"^[A-Za-z0-9+/]*={0,2}\z")]
    private static partial Regex Base64();

    [GeneratedRegex(@"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex GoDuration();

    [GeneratedRegex(@"^[0-9]+\s*(ns|nano(second)?s?|us|µs|micro(second)?s?|ms|milli(second)?s?|s|sec(ond)?s?|m|min(ute)?s?|h|hr|hours?|d|days?|w|weeks?)\z")]
    private static partial Regex ScalaDuration();
}
