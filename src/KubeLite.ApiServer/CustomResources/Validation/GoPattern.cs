using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace KubeLite.ApiServer.CustomResources.Validation;

/// <summary>Patterns of Go's <c>regexp</c> (RE2): they run in time linear in the text and match anywhere in it.</summary>
public static class GoPattern
{
    private static readonly ConcurrentDictionary<string, Regex?> s_patterns = new(StringComparer.Ordinal);

    /// <summary>Whether a text matches; a pattern that can't be read matches everything.</summary>
    public static bool Matches(string pattern, string text) => Compile(pattern) is not { } regex || regex.IsMatch(text);

    /// <summary>A pattern; null where it can't be read.</summary>
    public static Regex? Compile(string pattern) => s_patterns.GetOrAdd(pattern, static p =>
    {
        // What RE2 writes otherwise: \z is \Z's absolute form in both, $ never stands before a last newline.
        string translated = p.Replace("(?P<", "(?<", StringComparison.Ordinal);
        translated = Regex.Replace(translated, @"(?<!\\)((?:\\\\)*)\$", m => m.Groups[1].Value + "\\z");
        try
        {
            return new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    });
}
