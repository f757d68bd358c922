using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Values that are a number or a percentage (<c>intstr.IntOrString</c>); an absent one is the number 0.</summary>
public static class IntOrPercent
{
    /// <summary>The value is not below zero or is a percentage.</summary>
    public static void Validate(object? value, FieldPath path, FieldErrors errors)
    {
        if (value is string text)
        {
            if (!IsPercent(text))
            {
                errors.Invalid(
                    path, text,
                    NameRules.Form("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%"));
            }
        }
        else if (value is < 0L)
        {
            errors.Invalid(path, value, FieldRules.NotNegative);
        }
    }

    /// <summary>A percentage is not above 100.</summary>
    public static void AtMostAll(object? value, FieldPath path, FieldErrors errors)
    {
        if (value is string text && IsPercent(text) && Number(text) > 100)
        {
            errors.Invalid(path, text, "must not be greater than 100%");
        }
    }

    /// <summary>The number or the percentage's.</summary>
    public static long Number(object? value) => value switch
    {
        long number => number,
        string text when IsPercent(text)
            && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long percent) => percent,
        _ => 0,
    };

    /// <summary>The value as tables show it.</summary>
    public static string Text(object? value) => value as string ?? (value as long? ?? 0).ToString(CultureInfo.InvariantCulture);

    private static bool IsPercent(string text) =>
        text.Length > 1 && text[^1] == '%' && text.AsSpan(0, text.Length - 1).IndexOfAnyExceptInRange('0', '9') < 0;
}
