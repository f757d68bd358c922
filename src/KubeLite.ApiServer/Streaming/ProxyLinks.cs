using System.Text;
using System.Text.RegularExpressions;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Links of a proxied backend, told in the paths of this server (apimachinery's proxy transport, v1.36): what leads to the
/// backend's own host, or names no host, gets the prefix that stands for the backend here.
/// </summary>
/// <param name="Here">The path that stands for the backend's root.</param>
/// <param name="Backend">Host and port of the backend as its URLs have them.</param>
/// <param name="Asked">The Host header that the client sent, which was passed on.</param>
public sealed partial record ProxyLinks(string Here, string Backend, string Asked)
{
    /// <summary>The link as it leads through this server; null for what is no URL.</summary>
    public string? Rewrite(string link)
    {
        // RFC 3986 appendix B.
        Match parts = Parts().Match(link);
        string scheme = parts.Groups["scheme"].Value, host = parts.Groups["host"].Value;
        string path = parts.Groups["path"].Value, rest = parts.Groups["rest"].Value;
        if (link.Any(char.IsControl) || BadEscape().IsMatch(path))
        {
            return null;
        }

        bool elsewhere = host.Length > 0 && host != Backend && host != Asked;
        if (elsewhere || !path.StartsWith('/'))
        {
            return link;
        }

        string origin = host.Length > 0 && host == Asked ? $"{scheme}//{host}" : "";
        return origin + (path.StartsWith(Here, StringComparison.Ordinal) ? path : Join(Here, path)) + rest;
    }

    /// <summary>Two paths as one, without empty segments and dots; a slash at the end stays.</summary>
    private static string Join(string first, string second)
    {
        var segments = new List<string>();
        foreach (string segment in (first + "/" + second).Split('/'))
        {
            if (segment == "..")
            {
                segments.RemoveRange(Math.Max(0, segments.Count - 1), Math.Min(1, segments.Count));
            }
            else if (segment is not ("" or "."))
            {
                segments.Add(segment);
            }
        }

        var joined = new StringBuilder();
        foreach (string segment in segments)
        {
            joined.Append('/').Append(segment);
        }

        return second.EndsWith('/') || joined.Length == 0 ? joined.Append('/').ToString() : joined.ToString();
    }

    [GeneratedRegex(
        "^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?(//(?<host>[^/?#]*))?(?<path>[^?#]*)(?<rest>.*)$",
        RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Parts();

    [GeneratedRegex("%(?![0-9A-Fa-f]{2})")]
    private static partial Regex BadEscape();
}
