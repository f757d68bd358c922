using Microsoft.Extensions.Primitives;

namespace KubeLite.ApiServer.Responses;

/// <summary>Entity tags (RFC 9110 section 8.8.3).</summary>
public static class HttpTags
{
    /// <summary>True where an If-None-Match header names the tag, or any; weak ones count like strong ones.</summary>
    /// <param name="ifNoneMatch">The header.</param>
    /// <param name="tag">The tag in its quotes.</param>
    public static bool Match(StringValues ifNoneMatch, StringValues tag)
    {
        foreach (string? values in ifNoneMatch)
        {
            foreach (string value in (values ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (value == "*" || (value.StartsWith("W/", StringComparison.Ordinal) ? value[2..] : value) == tag)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
