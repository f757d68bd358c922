using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Which headers of a request go on to a backend, and which of its answer come back.</summary>
public static class ForwardedHeaders
{
    // RFC 9110 section 7.6.1: these are of one connection.
    private static readonly HashSet<string> s_ofConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    /// <summary>A request's headers without those of the connection and without the caller's credentials.</summary>
    public static IEnumerable<KeyValuePair<string, StringValues>> OfRequest(HttpRequest request, bool upgrade)
    {
        foreach (KeyValuePair<string, StringValues> header in request.Headers)
        {
            bool secret = header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ||
                header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase);
            bool own = header.Key.StartsWith(':') || header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase);
            bool kept = upgrade && header.Key.ToLowerInvariant() is "connection" or "upgrade";
            if (!secret && !own && (kept || !s_ofConnection.Contains(header.Key)))
            {
                yield return header;
            }
        }
    }

    /// <summary>True for a header that a backend's answer passes on; those about other origins speak of the wrong one.</summary>
    public static bool Returns(string name) =>
        !s_ofConnection.Contains(name) &&
        name.ToLowerInvariant() is not ("access-control-allow-credentials" or "access-control-allow-headers" or "access-control-allow-methods" or "access-control-allow-origin");
}
