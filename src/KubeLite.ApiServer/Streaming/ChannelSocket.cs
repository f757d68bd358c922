using System.Buffers;
using System.Net.WebSockets;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// The server's end of a WebSocket in which each message begins with the number of its channel (v5.channel.k8s.io).
/// One thread sends and one receives at a time.
/// </summary>
/// <param name="transport">The upgraded connection; its owner disposes of it.</param>
/// <param name="idle">Is put off by each message to <see cref="IdleTimeout"/> from then.</param>
public sealed class ChannelSocket(Stream transport, CancellationTokenSource idle) : IDisposable
{
    /// <summary>What the process reads.</summary>
    public const byte Stdin = 0;

    /// <summary>What the process writes.</summary>
    public const byte Stdout = 1;

    /// <summary>The process' errors.</summary>
    public const byte Stderr = 2;

    /// <summary>How it ended: a Status, once.</summary>
    public const byte Error = 3;

    /// <summary>The terminal's sizes.</summary>
    public const byte Resize = 4;

    /// <summary>Not a channel: the byte behind it names the channel on which the client sends no more.</summary>
    public const byte Close = 255;

    /// <summary>How long nothing may be said: four hours, as in Kubernetes.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromHours(4);

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(10);

    private readonly WebSocket _socket = WebSocket.CreateFromStream(
        transport, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });

    /// <summary>Sends a message on a channel.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        byte[] message = ArrayPool<byte>.Shared.Rent(bytes.Length + 1);
        try
        {
            message[0] = channel;
            bytes.CopyTo(message.AsMemory(1));
            idle.CancelAfter(IdleTimeout);
            await _socket.SendAsync(
                message.AsMemory(0, bytes.Length + 1), WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Receives into the buffer, a message or a part of one; null where the client has closed the connection.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask<(int Count, bool EndOfMessage)?> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ValueWebSocketReceiveResult got = await _socket.ReceiveAsync(buffer, cancellationToken);
        idle.CancelAfter(IdleTimeout);
        return got.MessageType == WebSocketMessageType.Close ? null : (got.Count, got.EndOfMessage);
    }

    /// <summary>
    /// Says how the process ended and closes the WebSocket normally; a client that doesn't listen is not waited for longer than
    /// ten seconds.
    /// </summary>
    public async Task EndAsync(JsonMap status)
    {
        using var patience = new CancellationTokenSource(s_farewell);
        await SendAsync(Error, JsonWriting.ToBytes(status), patience.Token);
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();
}
