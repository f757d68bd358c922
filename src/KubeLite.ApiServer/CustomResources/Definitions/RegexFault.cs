using System.Text.RegularExpressions;

namespace KubeLite.ApiServer.CustomResources.Definitions;

/// <summary>Says what is wrong with a pattern in the words of Go's <c>regexp/syntax</c>.</summary>
public static class RegexFault
{
    /// <summary>The fault of a pattern that can't be read.</summary>
    public static string Of(string pattern)
    {
        try
        {
            _ = new Regex(pattern);
            // .NET reads it but RE2 doesn't: look-around and back references.
            return $"error parsing regexp: invalid or unsupported Perl syntax: `{Unsupported(pattern)}`";
        }
        catch (RegexParseException e)
        {
            return e.Error switch
            {
                RegexParseError.InsufficientClosingParentheses => $"error parsing regexp: missing closing ): `{pattern}`",
                RegexParseError.InsufficientOpeningParentheses => $"error parsing regexp: unexpected ): `{pattern}`",
                RegexParseError.UnterminatedBracket => $"error parsing regexp: missing closing ]: `{pattern[pattern.LastIndexOf('[')..]}`",
                RegexParseError.QuantifierAfterNothing =>
                    $"error parsing regexp: missing argument to repetition operator: `{At(pattern, e.Offset - 1)}`",
                RegexParseError.NestedQuantifiersNotParenthesized =>
                    $"error parsing regexp: invalid nested repetition operator: `{pattern[Math.Max(0, e.Offset - 2)..Math.Min(pattern.Length, e.Offset)]}`",
                RegexParseError.UnescapedEndingBackslash => "error parsing regexp: trailing backslash at end of expression: ``",
                _ => $"error parsing regexp: {e.Message}",
            };
        }
    }

    private static string At(string pattern, int offset) => offset >= 0 && offset < pattern.Length ? pattern[offset].ToString() : "";

    private static string Unsupported(string pattern)
    {
        Match match = Regex.Match(pattern, @"\(\?<?[=!]|\\[1-9]|\(\?>");
        return match.Success ? match.Value : pattern;
    }
}
