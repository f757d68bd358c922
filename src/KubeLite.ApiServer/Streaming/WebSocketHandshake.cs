using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Streaming;

/// <summary>The server's part in the opening of a WebSocket (RFC 6455 section 4.2).</summary>
public static class WebSocketHandshake
{
    /// <summary>The subprotocols that a request for a WebSocket offers, in its order; none where it asks for something else.</summary>
    public static IEnumerable<string> Offered(ApiRequest request)
    {
        if (!UpgradeTunnel.IsUpgrade(request)
            || !request.Http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            yield break;
        }

        foreach (string? values in request.Http.Request.Headers.SecWebSocketProtocol)
        {
            foreach (string value in (values ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                yield return value;
            }
        }
    }

    /// <summary>Checks that the request can become a WebSocket, before anything is done for it.</summary>
    /// <exception cref="ApiException">400: the handshake is incomplete or of another version.</exception>
    public static void Require(ApiRequest request)
    {
        IHeaderDictionary headers = request.Http.Request.Headers;
        if (headers.SecWebSocketVersion.ToString() is { Length: > 0 } version && version != "13")
        {
            request.Http.Response.Headers.SecWebSocketVersion = "13";
            throw ApiException.BadRequest("missing or bad WebSocket Version");
        }

        if (headers.SecWebSocketKey.Count == 0 || request.Http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true })
        {
            throw ApiException.BadRequest("unable to upgrade: this is no WebSocket handshake");
        }
    }

    /// <summary>Answers the handshake of a request that <see cref="Require"/> let pass; the bytes are frames from then on.</summary>
    /// <param name="request">The request.</param>
    /// <param name="protocol">The subprotocol that is spoken; empty for none.</param>
    public static Task<Stream> AcceptAsync(ApiRequest request, string protocol)
    {
        IHeaderDictionary headers = request.Http.Response.Headers;
        headers.Remove("Audit-Id");
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Convert.ToBase64String(
            SHA1.HashData(Encoding.ASCII.GetBytes(request.Http.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        if (protocol.Length > 0)
        {
            headers.SecWebSocketProtocol = protocol;
        }

        return request.Http.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
    }
}
