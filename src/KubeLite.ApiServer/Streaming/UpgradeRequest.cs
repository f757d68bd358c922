using System.Globalization;
using System.Text;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Writes the requests that ask a backend to upgrade a connection.</summary>
public static class UpgradeRequest
{
    /// <summary>The caller's own request, to another address.</summary>
    public static byte[] Forwarded(ApiRequest request, string target) =>
        Head(request, request.Http.Request.Method, target, ForwardedHeaders.OfRequest(request.Http.Request, upgrade: true));

    /// <summary>The caller's request for a WebSocket, as one for SPDY/3.1.</summary>
    /// <param name="request">The request.</param>
    /// <param name="target">Path and query at the backend, escaped.</param>
    /// <param name="protocols">What may be spoken over SPDY, the preferred first.</param>
    public static byte[] ForwardedAsSpdy(ApiRequest request, string target, IEnumerable<string> protocols) =>
        Head(request, "POST", target,
        [
            .. ForwardedHeaders.OfRequest(request.Http.Request, upgrade: false)
                .Where(h => !h.Key.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase) &&
                    !h.Key.Equals("X-Stream-Protocol-Version", StringComparison.OrdinalIgnoreCase) &&
                    !h.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)),
            .. Spdy(protocols),
        ]);

    /// <summary>A request of the server's own for SPDY/3.1.</summary>
    /// <param name="address">The backend.</param>
    /// <param name="target">Path and query there, escaped.</param>
    /// <param name="protocols">What may be spoken over SPDY, the preferred first.</param>
    public static byte[] OwnForSpdy(BackendAddress address, string target, IEnumerable<string> protocols) =>
        Write("POST", target, address.Authority, Spdy(protocols));

    private static byte[] Head(ApiRequest request, string method, string target, IEnumerable<KeyValuePair<string, StringValues>> headers) =>
        Write(method, target, request.Http.Request.Host.Value ?? "", ForwardedHeaders.WithForwardedFor(request, headers));

    private static IEnumerable<KeyValuePair<string, StringValues>> Spdy(IEnumerable<string> protocols)
    {
        yield return new("Connection", "Upgrade");
        yield return new("Upgrade", "SPDY/3.1");
        yield return new("X-Stream-Protocol-Version", protocols.ToArray());
        yield return new("Content-Length", "0");
    }

    private static byte[] Write(string method, string target, string host, IEnumerable<KeyValuePair<string, StringValues>> headers)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        foreach (var (name, values) in headers)
        {
            foreach (string? value in values)
            {
                head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
            }
        }

        return Encoding.UTF8.GetBytes(head.Append("\r\n").ToString());
    }
}
