using System.Net.WebSockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Streaming.Spdy;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Exec and attach for clients that speak v5.channel.k8s.io over a WebSocket, to kubelets that speak SPDY/3.1 (KEP-4006,
/// Kubernetes v1.36 with its gate TranslateStreamCloseWebsocketRequests). The WebSocket is there before the kubelet is asked:
/// whatever goes wrong then is said on its channel 3. When the client goes away, so does the connection to the kubelet.
/// </summary>
/// <param name="time">Pings the kubelet every five seconds; ends connections on which nothing was said for four hours.</param>
/// <param name="stopping">Ends connections when the server stops.</param>
public sealed class StreamTranslator(TimeProvider time, CancellationToken stopping)
{
    private const string Protocol = "v5.channel.k8s.io";
    private static readonly string[] s_versions =
        [Protocol, "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];
    private static readonly TimeSpan s_pingPeriod = TimeSpan.FromSeconds(5);

    /// <summary>True where the request is one that is translated.</summary>
    public static bool Takes(ApiRequest request) => WebSocketHandshake.Offered(request).Contains(Protocol);

    /// <summary>Serves the request; returns when the connection has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connector">Connects to the kubelet.</param>
    /// <param name="address">The kubelet.</param>
    /// <param name="target">Path and query there, escaped.</param>
    /// <param name="streams">What is asked for.</param>
    /// <exception cref="ApiException">400: the handshake is incomplete.</exception>
    public async Task RunAsync(
        ApiRequest request, BackendConnector connector, BackendAddress address, string target, ContainerStreams streams)
    {
        WebSocketHandshake.Require(request);
        using var idle = new CancellationTokenSource(ChannelSocket.IdleTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping, idle.Token);
        await using Stream transport = await WebSocketHandshake.AcceptAsync(request, Protocol);
        using var socket = new ChannelSocket(transport, idle);
        RemoteCommand? command = null;
        try
        {
            // Tells the client that it is connected, before anything else is said.
            await socket.SendAsync(
                streams.Stdout ? ChannelSocket.Stdout : streams.Stderr ? ChannelSocket.Stderr : ChannelSocket.Error, default, ended.Token);
            JsonMap? status = await TranslateAsync(
                connector, address, target, (connection, version) => command = new RemoteCommand(
                    socket, connection, streams, version), ended.Token);
            if (status is not null)
            {
                await socket.EndAsync(status);
            }
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client is gone, or the server is about to be: nobody is left to be told.
        }
        finally
        {
            await ended.CancelAsync();
            await (command?.Listening ?? Task.CompletedTask);
        }
    }

    /// <summary>How the command ended; null where the client went away before.</summary>
    private async Task<JsonMap?> TranslateAsync(
        BackendConnector connector, BackendAddress address, string target, Func<SpdyConnection, int, RemoteCommand> begin,
        CancellationToken ended)
    {
        string url = $"Post {FieldError.GoQuote(address.Origin + target)}";
        Stream backend;
        try
        {
            backend = await connector.ConnectAsync(address, ended);
        }
        catch (IOException e)
        {
            return RemoteCommandStatus.Failure($"error sending request: {url}: {e.Message}");
        }

        await using (backend)
        {
            UpgradeAnswer answer;
            try
            {
                await backend.WriteAsync(UpgradeRequest.OwnForSpdy(address, target, s_versions), ended);
                await backend.FlushAsync(ended);
                answer = await UpgradeAnswer.ReadAsync(backend, ended);
            }
            catch (Exception e) when (e is IOException or ApiException)
            {
                return RemoteCommandStatus.Failure($"error sending request: {url}: {e.Message}");
            }

            if (answer.Code is 301 or 302 or 303 or 307 or 308 && answer.Header("Location") is { Length: > 0 })
            {
                return RemoteCommandStatus.Failure($"error sending request: {url}: redirect not allowed");
            }

            if (!answer.Switches("SPDY/3.1"))
            {
                return RemoteCommandStatus.Failure($"unable to upgrade connection: {Refusal(await answer.ReadBodyAsync(backend, ended))}");
            }

            int version = s_versions.Length
                - Math.Max(0, Array.IndexOf(s_versions, answer.Header("X-Stream-Protocol-Version") ?? "channel.k8s.io"));
            using var broken = CancellationTokenSource.CreateLinkedTokenSource(ended);
            using var connection = new SpdyConnection(backend, answer.Rest);
            Task reading = connection.RunAsync(broken.Token), pinging = PingAsync(connection, broken.Token);
            try
            {
                return await begin(connection, version).RunAsync(ended);
            }
            catch (IOException e)
            {
                return RemoteCommandStatus.Failure(e.Message);
            }
            finally
            {
                await broken.CancelAsync();
                await reading;
                await pinging;
            }
        }
    }

    /// <summary>What a kubelet's refusal says: the message of a Status, else its text.</summary>
    private static string Refusal(byte[] body)
    {
        string? message = null;
        try
        {
            JsonMap status = JsonReading.ReadMap(body);
            message = status.String("message")?.Trim() is { Length: > 0 } said ? said : status.String("error")?.Trim();
        }
        catch (JsonSyntaxException)
        {
            // A text, then.
        }

        if (message is not { Length: > 0 })
        {
            message = System.Text.Encoding.UTF8.GetString(body).Trim();
        }

        return message.Length > 0 ? message : "empty server response";
    }

    private async Task PingAsync(SpdyConnection connection, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_pingPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await connection.PingAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever reads the connection sees its end as well.
        }
    }
}
