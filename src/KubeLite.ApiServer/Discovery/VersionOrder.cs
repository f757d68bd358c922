using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLite.ApiServer.Discovery;

/// <summary>Orders versions as Kubernetes prefers them: v2, v1, v2beta1, v1beta2, v1alpha1, then others by name.</summary>
public sealed partial class VersionOrder : IComparer<string>
{
    /// <summary>The preferred version first.</summary>
    public static readonly VersionOrder Newest = new();

    /// <inheritdoc />
    public int Compare(string? x, string? y)
    {
        (int Stage, int Major, int Minor)? a = Parse(x!), b = Parse(y!);
        return (a, b) switch
        {
            ({ } p, { } q) => q.CompareTo(p),
            ({ }, null) => -1,
            (null, { }) => 1,
            _ => string.CompareOrdinal(x, y),
        };
    }

    private static (int Stage, int Major, int Minor)? Parse(string version)
    {
        Match match = Form().Match(version);
        if (!match.Success)
        {
            return null;
        }

        int stage = match.Groups[2].Value switch { "alpha" => 0, "beta" => 1, _ => 2 };
        int major = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        int minor = match.Groups[3].Length > 0 ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) : 0;
        return (stage, major, minor);
    }

    [GeneratedRegex(@"^v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
