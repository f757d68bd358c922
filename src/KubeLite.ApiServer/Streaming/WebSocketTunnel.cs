using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Port forwarding for clients behind proxies that know WebSockets but not SPDY (KEP-4006): the client speaks SPDY/3.1 in
/// the binary messages of a WebSocket, the kubelet gets the SPDY/3.1 connection itself.
/// </summary>
/// <param name="stopping">Ends tunnels when the server stops.</param>
public sealed class WebSocketTunnel(CancellationToken stopping)
{
    private const string Prefix = "SPDY/3.1+";
    private const int BufferSize = 32 * 1024;

    /// <summary>True where the request is a WebSocket that carries SPDY.</summary>
    public static bool Carries(ApiRequest request) => Offered(request) is not null;

    /// <summary>Serves the request; returns when the connection has ended.</summary>
    /// <exception cref="ApiException">400: the handshake is incomplete; 500: the backend can't be reached or doesn't upgrade.</exception>
    public async Task RunAsync(ApiRequest request, BackendConnector connector, BackendAddress address, string target)
    {
        string protocol = Offered(request)!;
        string key = request.Http.Request.Headers.SecWebSocketKey.ToString();
        if (key.Length == 0 || request.Http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw ApiException.BadRequest("unable to upgrade: this is no WebSocket handshake");
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        await using Stream backend = await connector.ConnectAsync(address, ended.Token);
        await backend.WriteAsync(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
                $"POST {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {protocol[Prefix.Length..]}\r\nContent-Length: 0\r\n\r\n")),
            ended.Token);
        UpgradeAnswer answer = await UpgradeAnswer.ReadAsync(backend, ended.Token);
        if (answer.Code != StatusCodes.Status101SwitchingProtocols)
        {
            throw ApiException.Bare($"unable to upgrade streaming connection: the kubelet answered {answer.Code} {answer.Reason}".TrimEnd());
        }

        HttpResponse response = request.Http.Response;
        response.Headers.Upgrade = "websocket";
        response.Headers.SecWebSocketAccept = Accept(key);
        response.Headers.SecWebSocketProtocol = protocol;
        await using Stream client = await upgrade.UpgradeAsync();
        using var socket = WebSocket.CreateFromStream(client, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.FromSeconds(30) });
        Task up = UpAsync(socket, backend, ended.Token), down = DownAsync(backend, answer.Rest, socket, ended.Token);
        await Task.WhenAny(up, down);
        await CloseAsync(socket);
        await ended.CancelAsync();
        await Task.WhenAll(up, down);
    }

    private static string? Offered(ApiRequest request)
    {
        if (!request.Http.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        foreach (string? values in request.Http.Request.Headers.SecWebSocketProtocol)
        {
            foreach (string value in (values ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                if (value.StartsWith(Prefix, StringComparison.Ordinal))
                {
                    return value;
                }
            }
        }

        return null;
    }

    // RFC 6455 section 4.2.2.
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private static async Task UpAsync(WebSocket socket, Stream backend, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                await backend.WriteAsync(buffer.AsMemory(0, got.Count), cancellationToken);
                await backend.FlushAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A side that breaks off ends the tunnel like one that closes.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task DownAsync(Stream backend, ReadOnlyMemory<byte> rest, WebSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            if (rest.Length > 0)
            {
                await socket.SendAsync(rest, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }

            int read;
            while ((read = await backend.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await socket.SendAsync(buffer.AsMemory(0, read), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // As above.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task CloseAsync(WebSocket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
            }
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The client is gone: it needs no farewell.
        }
    }
}
