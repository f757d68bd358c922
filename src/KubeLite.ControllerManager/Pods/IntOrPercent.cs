using System.Globalization;
using k8s.Models;

namespace KubeLite.ControllerManager.Pods;

/// <summary>Numbers that may be written as a percentage of another (util/intstr).</summary>
public static class IntOrPercent
{
    /// <summary>The number itself, or the percentage of <paramref name="total"/>.</summary>
    /// <param name="value">Null gives <paramref name="fallback"/>; so does text that is neither number nor percentage.</param>
    /// <param name="total">What 100 % is.</param>
    /// <param name="roundUp">Whether fractions are rounded up or down.</param>
    /// <param name="fallback">The answer where there is no value.</param>
    public static int Resolve(IntOrString? value, int total, bool roundUp, int fallback)
    {
        if (value?.Value is not { } text)
        {
            return fallback;
        }
        if (!text.EndsWith('%'))
        {
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : fallback;
        }
        if (!int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            return fallback;
        }
        var exact = (long)percent * total;
        return (int)(roundUp ? (exact + 99) / 100 : exact / 100);
    }
}
