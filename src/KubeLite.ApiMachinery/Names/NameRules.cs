using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLite.ApiMachinery.Names;

/// <summary>A rule for names: what is wrong with a value, in Kubernetes' words; nothing where it is right.</summary>
/// <param name="value">The name, or the prefix of one that is to be generated.</param>
/// <param name="prefix">True for a prefix: a trailing dash is allowed.</param>
public delegate IEnumerable<string> NameRule(string value, bool prefix);

/// <summary>The forms that names, labels and keys may have (apimachinery's <c>util/validation</c>).</summary>
public static partial class NameRules
{
    private const int MaxLabel = 63, MaxSubdomain = 253;

    private const string Label1123 = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string Subdomain1123 = Label1123 + @"(\." + Label1123 + ")*";
    private const string LabelUnderscore = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private const string SubdomainUnderscore = LabelUnderscore + @"(\." + LabelUnderscore + ")*";
    private const string Label1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string QualifiedPart = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelText = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

    private const string Subdomain1123Message =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

    /// <summary>A DNS-1123 label: 63 characters, no dots.</summary>
    public static IEnumerable<string> DnsLabel(string value) =>
        value.Length <= MaxLabel && DnsLabelForm().IsMatch(value) ? [] : DnsLabelFaults(value);

    private static IEnumerable<string> DnsLabelFaults(string value)
    {
        if (value.Length > MaxLabel)
        {
            yield return "must be no more than 63 characters";
        }

        if (!DnsLabelForm().IsMatch(value))
        {
            yield return DnsSubdomainForm().IsMatch(value)
                ? "must not contain dots"
                : Form(
                    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                    Label1123, "my-name", "123-abc");
        }
    }

    /// <summary>A DNS-1123 subdomain: 253 characters.</summary>
    public static IEnumerable<string> DnsSubdomain(string value) => IsDnsSubdomain(value) ? [] : DnsSubdomainFaults(value);

    private static bool IsDnsSubdomain(ReadOnlySpan<char> value) => value.Length <= MaxSubdomain && DnsSubdomainForm().IsMatch(value);

    private static IEnumerable<string> DnsSubdomainFaults(string value)
    {
        if (value.Length > MaxSubdomain)
        {
            yield return "must be no more than 253 characters";
        }

        if (!DnsSubdomainForm().IsMatch(value))
        {
            yield return Form(Subdomain1123Message, Subdomain1123, "example.com");
        }
    }

    /// <summary>A DNS-1035 label: 63 characters, starts with a letter.</summary>
    public static IEnumerable<string> Dns1035Label(string value)
    {
        if (value.Length > 63)
        {
            yield return "must be no more than 63 characters";
        }

        if (!Dns1035LabelForm().IsMatch(value))
        {
            yield return Form(
                "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
                Label1035, "my-name", "abc-123");
        }
    }

    /// <summary>A wildcard DNS-1123 subdomain: <c>*.example.com</c>.</summary>
    public static IEnumerable<string> WildcardDnsSubdomain(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }

        if (!value.StartsWith("*.", StringComparison.Ordinal) || !DnsSubdomainForm().IsMatch(value[2..]))
        {
            yield return Form(
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                @"\*\." + Subdomain1123, "*.example.com");
        }
    }

    /// <summary>A name that may have a DNS prefix: <c>example.com/name</c>; the form of label keys and finalizers.</summary>
    public static IEnumerable<string> QualifiedName(string value) => IsQualifiedName(value) ? [] : QualifiedNameFaults(value);

    private static bool IsQualifiedName(ReadOnlySpan<char> value)
    {
        int slash = value.IndexOf('/');
        ReadOnlySpan<char> name = value[(slash + 1)..];
        return name.Length <= MaxLabel && QualifiedPartForm().IsMatch(name) && (slash < 0 || IsDnsSubdomain(value[..slash]));
    }

    private static IEnumerable<string> QualifiedNameFaults(string value)
    {
        string[] parts = value.Split('/');
        string name;
        switch (parts.Length)
        {
            case 1:
                name = parts[0];
                break;
            case 2:
                name = parts[1];
                if (parts[0].Length == 0)
                {
                    yield return "prefix part must be non-empty";
                }
                else
                {
                    foreach (string fault in DnsSubdomain(parts[0]))
                    {
                        yield return "prefix part " + fault.Replace("characters", "bytes", StringComparison.Ordinal)
                            .Replace("alphanumeric bytes", "alphanumeric characters", StringComparison.Ordinal);
                    }
                }

                break;
            default:
                yield return "a valid label key " + Form(
                    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                    QualifiedPart, "MyName", "my.name", "123-abc") +
                    " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
                yield break;
        }

        if (name.Length == 0)
        {
            yield return "name part must be non-empty";
        }
        else if (name.Length > 63)
        {
            yield return "name part must be no more than 63 bytes";
        }

        if (!QualifiedPartForm().IsMatch(name))
        {
            yield return "name part "
                + Form(
                    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                    QualifiedPart, "MyName", "my.name", "123-abc");
        }
    }

    /// <summary>A label's value: 63 characters, may be empty.</summary>
    public static IEnumerable<string> LabelValue(string value) =>
        value.Length <= MaxLabel && LabelValueForm().IsMatch(value) ? [] : LabelValueFaults(value);

    private static IEnumerable<string> LabelValueFaults(string value)
    {
        if (value.Length > MaxLabel)
        {
            yield return "must be no more than 63 bytes";
        }

        if (!LabelValueForm().IsMatch(value))
        {
            yield return Form(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                LabelText, "MyValue", "my_value", "12345");
        }
    }

    /// <summary>A DNS subdomain whose parts may begin with and hold underscores.</summary>
    public static IEnumerable<string> DnsSubdomainWithUnderscore(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }

        if (!SubdomainUnderscoreForm().IsMatch(value))
        {
            yield return Form(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                SubdomainUnderscore, "example.com");
        }
    }

    /// <summary>A key of a ConfigMap or Secret.</summary>
    public static IEnumerable<string> ConfigKey(string value)
    {
        if (value.Length > 253)
        {
            yield return "must be no more than 253 characters";
        }

        if (!ConfigKeyForm().IsMatch(value))
        {
            yield return Form(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME",
                "key-name");
        }
        else if (value == ".")
        {
            yield return "must not be '.'";
        }
        else if (value == "..")
        {
            yield return "must not be '..'";
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            yield return "must not start with '..'";
        }
    }

    /// <summary>A name of an environment variable: printable ASCII but '='.</summary>
    public static IEnumerable<string> EnvironmentName(string value)
    {
        if (value.Length == 0)
        {
            yield return "environment variable name must be non-empty";
        }
        else if (value.Any(c => c is < ' ' or > '~' or '='))
        {
            yield return "a valid environment variable name must consist only of printable ASCII characters other than '='";
        }
    }

    /// <summary>A name of a port: 15 characters of an IANA service name.</summary>
    public static IEnumerable<string> PortName(string value)
    {
        if (value.Length > 15)
        {
            yield return "must be no more than 15 characters";
        }

        if (value.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") >= 0 || value.Length == 0)
        {
            yield return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
        }

        if (!value.Any(char.IsAsciiLetterLower))
        {
            yield return "must contain at least one letter (a-z)";
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            yield return "must not contain consecutive hyphens";
        }

        if (value.Length > 0 && (value[0] == '-' || value[^1] == '-'))
        {
            yield return "must not begin or end with a hyphen";
        }
    }

    /// <summary>A port's number.</summary>
    public static IEnumerable<string> PortNumber(long value) => InRange(value, 1, 65535);

    /// <summary>A number between two others.</summary>
    public static IEnumerable<string> InRange(long value, long low, long high)
    {
        if (value < low || value > high)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"must be between {low} and {high}, inclusive");
        }
    }

    /// <summary>A name of an HTTP header.</summary>
    public static IEnumerable<string> HttpHeaderName(string value)
    {
        if (!HeaderNameForm().IsMatch(value))
        {
            yield return Form("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name");
        }
    }

    /// <summary>A name that is one segment of a path (RBAC's names).</summary>
    public static IEnumerable<string> PathSegment(string value, bool prefix = false)
    {
        if (!prefix && value is "." or "..")
        {
            yield return $"may not be '{value}'";
            yield break;
        }

        foreach (string part in (string[])["/", "%"])
        {
            if (value.Contains(part, StringComparison.Ordinal))
            {
                yield return $"may not contain '{part}'";
            }
        }
    }

    /// <summary><see cref="DnsSubdomain(string)"/> as a rule for object names.</summary>
    public static readonly NameRule Subdomain = (value, prefix) => DnsSubdomain(prefix ? Masked(value) : value);

    /// <summary><see cref="DnsLabel(string)"/> as a rule for object names.</summary>
    public static readonly NameRule Label = (value, prefix) => DnsLabel(prefix ? Masked(value) : value);

    /// <summary>
    /// <see cref="PathSegment"/> as a rule for object names; and no NUL, which Kubernetes takes: ASP.NET Core refuses a path
    /// with <c>%00</c>, so such an object could only be listed.
    /// </summary>
    public static readonly NameRule Segment = (value, prefix) =>
        value.Contains('\0', StringComparison.Ordinal)
            ? PathSegment(value, prefix).Append("may not contain '\\x00'")
            : PathSegment(value, prefix);

    /// <summary>A message with the form that is wanted and examples of it.</summary>
    public static string Form(string message, string form, params ReadOnlySpan<string> examples)
    {
        if (examples.Length == 0)
        {
            return $"{message} (regex used for validation is '{form}')";
        }

        var text = new System.Text.StringBuilder(message).Append(" (e.g. ");
        for (int i = 0; i < examples.Length; i++)
        {
            text.Append(i > 0 ? " or " : "").Append('\'').Append(examples[i]).Append("', ");
        }

        return text.Append("regex used for validation is '").Append(form).Append("')").ToString();
    }

    private static string Masked(string value) => value.Length > 1 && value.EndsWith('-') ? value[..^2] + "a" : value;

    [GeneratedRegex("^" + Label1123 + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabelForm();

    [GeneratedRegex("^" + Subdomain1123 + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsSubdomainForm();

    [GeneratedRegex("^" + Label1035 + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Dns1035LabelForm();

    [GeneratedRegex("^" + QualifiedPart + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedPartForm();

    [GeneratedRegex("^" + LabelText + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValueForm();

    [GeneratedRegex("^" + SubdomainUnderscore + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainUnderscoreForm();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigKeyForm();

    [GeneratedRegex(@"^[-A-Za-z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderNameForm();
}
