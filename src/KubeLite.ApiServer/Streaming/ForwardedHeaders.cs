using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Which headers of a request go on to a backend, and which of its answer come back.</summary>
public static class ForwardedHeaders
{
    // RFC 9110 section 7.6.1: these are of one connection.
    private static readonly HashSet<string> s_ofConnection = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade",
    };

    /// <summary>
    /// A request's headers without those of the connection, which its Connection header names, too, and without the caller's credentials.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, StringValues>> OfRequest(HttpRequest request, bool upgrade)
    {
        HashSet<string> named = upgrade
            ? []
            : [.. request.Headers.Connection.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
                .Select(n => n.ToLowerInvariant())];
        foreach (KeyValuePair<string, StringValues> header in request.Headers)
        {
            bool secret = header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase) ||
                header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase);
            bool own = header.Key.StartsWith(':') || header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase);
            bool kept = upgrade && header.Key.ToLowerInvariant() is "connection" or "upgrade";
            if (!secret && !own && (kept || !(s_ofConnection.Contains(header.Key) || named.Contains(header.Key.ToLowerInvariant()))))
            {
                yield return header;
            }
        }
    }

    /// <summary>The headers with the caller's address at the end of X-Forwarded-For.</summary>
    public static IEnumerable<KeyValuePair<string, StringValues>> WithForwardedFor(
        ApiRequest request, IEnumerable<KeyValuePair<string, StringValues>> headers)
    {
        const string Name = "X-Forwarded-For";
        string? client = request.Http.Connection.RemoteIpAddress is { } remote
            ? (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote).ToString()
            : null;
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (client is null || !header.Key.Equals(Name, StringComparison.OrdinalIgnoreCase))
            {
                yield return header;
            }
        }

        if (client is not null)
        {
            yield return new(Name, string.Join(", ", [.. request.Http.Request.Headers[Name], client]));
        }
    }

    /// <summary>True for a header that a backend's answer passes on; those about other origins speak of the wrong one.</summary>
    public static bool Returns(string name) =>
        !s_ofConnection.Contains(name) &&
        name.ToLowerInvariant() is not ("access-control-allow-credentials" or "access-control-allow-headers" or
            "access-control-allow-methods" or "access-control-allow-origin");
}
