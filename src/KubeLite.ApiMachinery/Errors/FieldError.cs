using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiMachinery.Errors;

/// <summary>What is wrong with one field, in Kubernetes' words (<c>field.Error</c>).</summary>
/// <param name="Reason">The cause's reason: FieldValueInvalid and the like.</param>
/// <param name="Field">The field's path.</param>
/// <param name="Body">The message without the path.</param>
public sealed record FieldError(string Reason, string Field, string Body)
{
    /// <summary>The value is missing.</summary>
    public static FieldError Required(FieldPath? path, string detail = "") => Make("FieldValueRequired", path, "Required value", detail);

    /// <summary>The value is not allowed.</summary>
    public static FieldError Invalid(FieldPath? path, object? value, string detail) =>
        Make("FieldValueInvalid", path, "Invalid value: " + Show(value), detail);

    /// <summary>The value's type is wrong, as custom resources' schemas report it.</summary>
    public static FieldError TypeInvalid(FieldPath? path, object? value, string detail) =>
        Make("FieldValueTypeInvalid", path, "Invalid value: " + Show(value), detail);

    /// <summary>The value stands more than once.</summary>
    public static FieldError Duplicate(FieldPath? path, object? value, string detail = "") =>
        Make("FieldValueDuplicate", path, "Duplicate value: " + Show(value), detail);

    /// <summary>What the value names doesn't exist.</summary>
    public static FieldError NotFound(FieldPath? path, object? value, string detail = "") =>
        Make("FieldValueNotFound", path, "Not found: " + Show(value), detail);

    /// <summary>The field may not be set or changed here.</summary>
    public static FieldError Forbidden(FieldPath? path, string detail) => Make("FieldValueForbidden", path, "Forbidden", detail);

    /// <summary>The value is none of those that are known.</summary>
    public static FieldError NotSupported(FieldPath? path, object? value, IEnumerable<string> supported)
    {
        string list = string.Join(", ", supported.Select(s => Show(s)));
        return Make(
            "FieldValueNotSupported", path, "Unsupported value: " + Show(value), list.Length == 0 ? "" : "supported values: " + list);
    }

    /// <summary>The text has too many bytes.</summary>
    public static FieldError TooLong(FieldPath? path, int max) =>
        Make("FieldValueTooLong", path, "Too long",
            string.Create(CultureInfo.InvariantCulture, $"may not be more than {max} {(max == 1 ? "byte" : "bytes")}"));

    /// <summary>The list has too many items.</summary>
    public static FieldError TooMany(FieldPath? path, int actual, int max) =>
        Make("FieldValueTooMany", path, "Too many: " + actual.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"must have at most {max} {(max == 1 ? "item" : "items")}"));

    /// <summary>Something went wrong that isn't the caller's fault.</summary>
    public static FieldError Internal(FieldPath? path, string detail) => Make("InternalError", path, "Internal error", detail);

    /// <inheritdoc />
    public override string ToString() => $"{Field}: {Body}";

    /// <summary>A value as messages show it: text quoted, structures as JSON.</summary>
    public static string Show(object? value) => value switch
    {
        null => "null",
        string text => GoQuote(text),
        bool flag => flag ? "true" : "false",
        int number => number.ToString(CultureInfo.InvariantCulture),
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => GoText.Number(number),
        // Go escapes what HTML would take for its own.
        _ => JsonWriting.ToText(value).Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal),
    };

    /// <summary>Text in double quotes as Go's <c>%q</c> writes it.</summary>
    public static string GoQuote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"':
                    quoted.Append("\\\"");
                    break;
                case '\\':
                    quoted.Append("\\\\");
                    break;
                case '\a':
                    quoted.Append("\\a");
                    break;
                case '\b':
                    quoted.Append("\\b");
                    break;
                case '\f':
                    quoted.Append("\\f");
                    break;
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case '\v':
                    quoted.Append("\\v");
                    break;
                case < 0x20 or 0x7f:
                    quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    break;
                default:
                    quoted.Append(rune.ToString());
                    break;
            }
        }

        return quoted.Append('"').ToString();
    }

    private static FieldError Make(string reason, FieldPath? path, string body, string detail) =>
        new(reason, path?.ToString() ?? "", detail.Length == 0 ? body : $"{body}: {detail}");
}
