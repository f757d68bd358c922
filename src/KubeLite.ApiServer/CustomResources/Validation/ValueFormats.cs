using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>The formats of strings that schemas may ask for (kube-openapi's <c>validation/strfmt</c>); others are ignored.</summary>
public static partial class ValueFormats
{
    private static readonly Dictionary<string, Func<string, bool>> s_formats = new(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = t => t.Length == 24 && t.All(char.IsAsciiHexDigit),
        ["uri"] = IsUri,
        ["email"] = t => MailAddress.TryCreate(t, out _),
        ["hostname"] = IsHostname,
        ["ipv4"] = t => t.Contains('.') && IpText.IsAddress(t),
        ["ipv6"] = t => t.Contains(':') && IpText.IsAddress(t),
        ["cidr"] = t => IpText.TryParseCidr(t, out _, out _),
        ["mac"] = IsMac,
        ["uuid"] = t => Uuid().IsMatch(t),
        ["uuid3"] = t => Uuid3().IsMatch(t),
        ["uuid4"] = t => Uuid4().IsMatch(t),
        ["uuid5"] = t => Uuid5().IsMatch(t),
        ["isbn"] = t => IsIsbn10(t) || IsIsbn13(t),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = IsCreditCard,
        ["ssn"] = t => t.Length == 11 && Ssn().IsMatch(t),
        ["hexcolor"] = t => HexColor().IsMatch(t),
        ["rgbcolor"] = t => RgbColor().IsMatch(t),
        ["byte"] = t => t.Length > 0 && t.Length % 4 == 0 && Base64().IsMatch(t),
        ["password"] = _ => true,
        ["date"] = IsDate,
        ["duration"] = t => GoDuration().IsMatch(t) || Durations().Matches(t).Any(IsDuration),
        ["datetime"] = IsDateTime,
        ["k8sshortname"] = t => !NameRules.DnsLabel(t).Any(),
        ["k8slongname"] = t => !NameRules.DnsSubdomain(t).Any(),
    };

    private static readonly string[][] s_units =
    [
        ["ns", "nano"], ["us", "µs", "micro"], ["ms", "milli"], ["s", "sec"], ["m", "min"], ["h", "hr", "hour"], ["d", "day"],
        ["w", "wk", "week"],
    ];

    /// <summary>True where Kubernetes knows the format for strings.</summary>
    public static bool IsKnown(string format) => s_formats.ContainsKey(Normalized(format));

    /// <summary>True where a text is of the format, or the format isn't known.</summary>
    public static bool IsValid(string format, string text) =>
        !s_formats.TryGetValue(Normalized(format), out Func<string, bool>? valid) || valid(text);

    private static string Normalized(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsHostname(string text) => Hostname().IsMatch(text) && Encoding.UTF8.GetByteCount(text) <= 255 &&
        text.Split('.').All(l => Encoding.UTF8.GetByteCount(l) <= 63);

    private static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>What follows a second T isn't looked at, nor how far the offset goes.</summary>
    private static bool IsDateTime(string text)
    {
        string[] parts = text.ToLowerInvariant().Split('t');
        return parts.Length > 1 && IsDate(parts[0]) && TimeOfDay().Match(parts[1]) is { Success: true } time &&
            AtMost(1, "23") && AtMost(2, "59") && AtMost(3, "59");

        bool AtMost(int group, string most) => string.CompareOrdinal(time.Groups[group].Value, most) <= 0;
    }

    /// <summary>A number and a unit that may be written out: the last name of each may be followed by anything.</summary>
    private static bool IsDuration(Match match)
    {
        string unit = match.Groups[2].Value.ToLowerInvariant();
        return long.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _) &&
            s_units.Any(names => names.Contains(unit) || unit.StartsWith(names[^1], StringComparison.Ordinal));
    }

    /// <summary>A path from the root, or what has a scheme: then slashes and a host that Go reads, or anything but those.</summary>
    private static bool IsUri(string text)
    {
        if (text.Length == 0 || text.Any(c => c is < ' ' or '\x7f'))
        {
            return false;
        }

        if (text == "*")
        {
            return true;
        }

        Match scheme = Scheme().Match(text);
        string rest = scheme.Success ? text[scheme.Length..] : text;
        string beforeQuery = rest.Split('?')[0];
        if (!beforeQuery.StartsWith('/'))
        {
            return scheme.Success;
        }

        bool slashes = beforeQuery.StartsWith("//", StringComparison.Ordinal),
            third = beforeQuery.StartsWith("///", StringComparison.Ordinal);
        int end = slashes && (scheme.Success || !third) ? beforeQuery.IndexOf('/', 2) : 0;
        string authority = end == 0 ? "" : beforeQuery[2..(end < 0 ? beforeQuery.Length : end)];
        string path = end < 0 ? "" : beforeQuery[end..];
        return !BadEscape().IsMatch(path) && (authority.Length == 0 || Authority().IsMatch(authority));
    }

    private static bool IsMac(string text) =>
        Mac().IsMatch(text) && (text.Contains('.') ? text.Length is 14 or 19 or 49 : text.Length is 17 or 23 or 59);

    private static string Plain(string text) => new([.. text.Where(c => c is not ('-' or ' ' or '\t' or '\n' or '\f' or '\r'))]);

    private static bool IsIsbn10(string text)
    {
        string digits = Plain(text);
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
        string digits = Plain(text);
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

    [GeneratedRegex(
        @"^([a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?|" +
        @"([a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?\.)+[a-zA-Z\p{L}]{2,63})\z")]
    private static partial Regex Hostname();

    [GeneratedRegex(@"^(?:[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1)*[0-9a-fA-F]{2}|[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+)\z")]
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

    [GeneratedRegex(
        @"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})\z")]
    private static partial Regex CreditCard();

    [GeneratedRegex(@"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z")]
    private static partial Regex Ssn();

    [GeneratedRegex(@"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z")]
    private static partial Regex HexColor();

    [GeneratedRegex(
        @"^rgb\(\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*,\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*,\s*(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\s*\)\z")]
    private static partial Regex RgbColor();

    [GeneratedRegex(@"^[A-Za-z0-9+/]*={0,2}\z")]
    private static partial Regex Base64();

    [GeneratedRegex(@"^[-+]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)\z")]
    private static partial Regex GoDuration();

    [GeneratedRegex(@"([0-9]+)\s*([A-Za-zµ]+)")]
    private static partial Regex Durations();

    [GeneratedRegex(@"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex TimeOfDay();

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9+.\-]*:")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"%(?![0-9a-fA-F]{2})")]
    private static partial Regex BadEscape();

    [GeneratedRegex(@"^(?:[\w\-.!$&'()*+,;=:%~@]*@)?(?:\[[0-9a-fA-F:.]+(?:%25[^\]]+)?\]|[^\s""<>\\^`{|}\[\]:/?#@%]*)(?::[0-9]*)?\z")]
    private static partial Regex Authority();
}
