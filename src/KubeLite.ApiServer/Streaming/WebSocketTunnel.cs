using System.Buffers;
using System.Net.WebSockets;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Port forwarding for clients behind proxies that know WebSockets but not SPDY (KEP-4006): the client speaks SPDY/3.1 in
/// the binary messages of a WebSocket, the kubelet gets the SPDY/3.1 connection itself.
/// </summary>
/// <param name="stopping">Ends tunnels when the server stops.</param>
public sealed class WebSocketTunnel(CancellationToken stopping)
{
    private const string Prefix = "SPDY/3.1+";
    private const string Suffix = ".k8s.io";
    private const int BufferSize = 32 * 1024;

    /// <summary>True where the request is a WebSocket that carries SPDY.</summary>
    public static bool Carries(ApiRequest request) => Offered(request).Any();

    /// <summary>Serves the request; returns when the connection has ended.</summary>
    /// <exception cref="ApiException">400: the handshake is incomplete; 500: the backend can't be reached or answers nonsense.</exception>
    public async Task RunAsync(ApiRequest request, BackendConnector connector, BackendAddress address, string target)
    {
        WebSocketHandshake.Require(request);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        (Stream backend, UpgradeAnswer answer) = await UpgradeTunnel.AskAsync(
            connector, address, UpgradeRequest.ForwardedAsSpdy(request, target, Offered(request)), ended.Token);
        await using (backend)
        {
            if (answer.Code != StatusCodes.Status101SwitchingProtocols)
            {
                await UpgradeTunnel.RelayAsync(request, backend, answer, ended.Token);
                return;
            }

            if (!answer.Switches("SPDY/3.1"))
            {
                throw ApiException.Bare("unable to upgrade: missing upgrade headers in response");
            }

            // The kubelet's choice is what is spoken inside; one that doesn't choose leaves the WebSocket without a subprotocol.
            string chosen = answer.Header("X-Stream-Protocol-Version")?.Trim() ?? "";
            await using Stream client = await WebSocketHandshake.AcceptAsync(request, chosen.Length > 0 ? Prefix + chosen : "");
            using var socket = WebSocket.CreateFromStream(
                client, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.FromSeconds(30) });
            Task up = UpAsync(socket, backend, ended.Token), down = DownAsync(backend, answer.Rest, socket, ended.Token);
            await Task.WhenAny(up, down);
            await CloseAsync(socket);
            await ended.CancelAsync();
            await Task.WhenAll(up, down);
        }
    }

    /// <summary>What may be spoken over the SPDY inside, the preferred first.</summary>
    private static IEnumerable<string> Offered(ApiRequest request) => WebSocketHandshake.Offered(request)
        .Where(p => p.StartsWith(Prefix, StringComparison.Ordinal) && p.EndsWith(Suffix, StringComparison.Ordinal))
        .Select(p => p[Prefix.Length..]);

    private static async Task UpAsync(WebSocket socket, Stream backend, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (got.MessageType != WebSocketMessageType.Binary)
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
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException
            or InvalidOperationException)
        {
            // The client is gone: it needs no farewell.
        }
    }
}
