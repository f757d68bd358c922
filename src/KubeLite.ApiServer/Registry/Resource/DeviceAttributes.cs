using System.Text.RegularExpressions;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>Validates the values of devices' attributes.</summary>
internal static partial class DeviceAttributes
{
    private const int MaxLength = 64;

    private static readonly string[] s_kinds = ["bool", "int", "string", "version", "bools", "ints", "strings", "versions"];

    /// <summary>Adds the faults of one attribute: it has one value of one kind.</summary>
    public static void Validate(JsonMap attribute, FieldPath path, FieldErrors errors)
    {
        foreach (string kind in s_kinds)
        {
            FieldPath at = path.Child(kind);
            switch (attribute[kind])
            {
                case JsonList { Count: 0 } empty:
                    errors.Invalid(at, empty, "must not be empty if specified");
                    break;
                case JsonList items:
                    for (int i = 0; i < items.Count; i++)
                    {
                        Text(items[i] as string, kind == "versions", at.Index(i), errors);
                    }

                    break;
                case string text:
                    Text(text, kind == "version", at, errors);
                    break;
                default:
                    break;
            }
        }

        int set = s_kinds.Count(kind => attribute[kind] is not null);
        if (set != 1)
        {
            errors.Invalid(path, set == 0 ? "" : Shown(attribute), "exactly one value must be specified");
        }
    }

    /// <summary>The attribute under the names that Kubernetes' internal type has for its fields.</summary>
    private static JsonMap Shown(JsonMap attribute)
    {
        var shown = new JsonMap();
        foreach (string kind in (string[])["int", "bool", "string", "version", "ints", "bools", "strings", "versions"])
        {
            string name = char.ToUpperInvariant(kind[0]) + kind[1..];
            shown[name.EndsWith('s') ? name[..^1] + "Values" : name + "Value"] = attribute[kind];
        }

        return shown;
    }

    private static void Text(string? text, bool isVersion, FieldPath path, FieldErrors errors)
    {
        if (isVersion && !SemanticVersion().IsMatch(text ?? ""))
        {
            errors.Invalid(path, text, "must be a string compatible with semver.org spec 2.0.0");
        }

        if (text?.Length > MaxLength)
        {
            errors.TooLong(path, MaxLength);
        }
    }

    [GeneratedRegex(
        @"^(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}(-(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex SemanticVersion();
}
