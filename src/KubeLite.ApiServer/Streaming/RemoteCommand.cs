using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Streaming.Spdy;

namespace KubeLite.ApiServer.Streaming;

/// <summary>One process in a container: its streams, joined with the channels of a client.</summary>
/// <param name="socket">The client.</param>
/// <param name="connection">The kubelet.</param>
/// <param name="streams">What the client asked for.</param>
/// <param name="version">The version of channel.k8s.io that the kubelet speaks; terminals have sizes from 3 on.</param>
public sealed class RemoteCommand(ChannelSocket socket, SpdyConnection connection, ContainerStreams streams, int version)
{
    private const int BufferSize = 32 * 1024;
    private const int MaxStatus = 1024 * 1024;
    private const int MaxResize = 1024;

    private readonly MemoryStream _status = new();
    private SpdyStream? _stdin;
    private SpdyStream? _resize;

    /// <summary>
    /// Ends when the client has gone or its socket is disposed of. It goes on when the process has ended: a WebSocket whose
    /// reader is cancelled can't be written to any more, and how the process ended is still to be said.
    /// </summary>
    public Task Listening { get; private set; } = Task.CompletedTask;

    /// <summary>Runs until the process has ended, or the client has gone; null then.</summary>
    /// <exception cref="IOException">A stream was refused, or the kubelet's connection broke.</exception>
    public async Task<JsonMap?> RunAsync(CancellationToken cancellationToken)
    {
        var outputs = new List<Task>();
        SpdyStream error = await OpenAsync("error", Keep);
        _stdin = streams.Stdin ? await OpenAsync("stdin", Ignore) : null;
        if (streams.Stdout)
        {
            outputs.Add((await OpenAsync("stdout", (bytes, token) => socket.SendAsync(ChannelSocket.Stdout, bytes, token))).Ended);
        }

        if (streams.Stderr && !streams.Tty)
        {
            outputs.Add((await OpenAsync("stderr", (bytes, token) => socket.SendAsync(ChannelSocket.Stderr, bytes, token))).Ended);
        }

        _resize = streams.Tty && version >= 3 ? await OpenAsync("resize", Ignore) : null;
        outputs.Add(error.Ended);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Listening = ListenAsync(cancellationToken);
        Task done = Task.WhenAll(outputs), input = CloseWithKubeletAsync(over.Token);
        bool ended = await Task.WhenAny(done, Listening) == done && !cancellationToken.IsCancellationRequested;
        await over.CancelAsync();
        await input;
        return ended ? RemoteCommandStatus.Of(_status.GetBuffer().AsSpan(0, (int)_status.Length), version) : null;

        Task<SpdyStream> OpenAsync(string type, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> received) =>
            connection.OpenAsync([new("streamtype", type)], received, cancellationToken);
    }

    private static ValueTask Ignore(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private ValueTask Keep(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _status.Write(bytes.Span[..Math.Min(bytes.Length, MaxStatus - (int)_status.Length)]);
        return ValueTask.CompletedTask;
    }

    /// <summary>A kubelet whose process reads no more ends its side of the input; it waits for ours.</summary>
    private async Task CloseWithKubeletAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_stdin is not null)
            {
                await _stdin.Ended.WaitAsync(cancellationToken);
                await _stdin.CloseAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Over.
        }
    }

    /// <summary>Passes on what the client says until it goes.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int? channel = null;
            while (await socket.ReceiveAsync(buffer, cancellationToken) is { } got)
            {
                // Only the first piece of a message says whose it is; what belongs together in other channels fits into one.
                Memory<byte> bytes = buffer.AsMemory(0, got.Count);
                if (channel is null && bytes.Length > 0)
                {
                    channel = bytes.Span[0];
                    bytes = bytes[1..];
                }

                if (channel is { } number && !await TakeAsync(number, bytes, got.EndOfMessage, cancellationToken))
                {
                    return;
                }

                channel = got.EndOfMessage ? null : channel;
            }
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A client that breaks off goes like one that closes.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Passes a piece of a message on; false where the client breaks the protocol.</summary>
    private async ValueTask<bool> TakeAsync(int channel, ReadOnlyMemory<byte> bytes, bool whole, CancellationToken cancellationToken)
    {
        switch (channel)
        {
            case ChannelSocket.Stdin when _stdin is not null && bytes.Length > 0:
                await _stdin.WriteAsync(bytes, cancellationToken);
                break;
            case ChannelSocket.Resize when _resize is not null:
                await ResizeAsync(bytes, whole, cancellationToken);
                break;
            case ChannelSocket.Close:
                if (bytes.Length != 1 || !whole || bytes.Span[0] > ChannelSocket.Resize)
                {
                    return false;
                }

                if (bytes.Span[0] == ChannelSocket.Stdin && _stdin is not null)
                {
                    await _stdin.CloseAsync(cancellationToken);
                }

                break;
        }

        return true;
    }

    private async ValueTask ResizeAsync(ReadOnlyMemory<byte> bytes, bool whole, CancellationToken cancellationToken)
    {
        if (whole && bytes.Length <= MaxResize && Size(bytes.Span) is { } size)
        {
            await _resize!.WriteAsync(Encoding.ASCII.GetBytes(size), cancellationToken);
            return;
        }

        // What can't be read ends the sizes, as the end of a JSON stream does.
        SpdyStream resize = _resize!;
        _resize = null;
        await resize.CloseAsync(cancellationToken);
    }

    /// <summary>A size as kubelets read it; null for what is none.</summary>
    private static string? Size(ReadOnlySpan<byte> json)
    {
        try
        {
            long width = 0, height = 0;
            foreach ((string name, object? value) in JsonReading.ReadMap(json))
            {
                width = name.Equals("Width", StringComparison.OrdinalIgnoreCase) ? value as long? ?? -1 : width;
                height = name.Equals("Height", StringComparison.OrdinalIgnoreCase) ? value as long? ?? -1 : height;
            }

            return width is >= 0 and <= ushort.MaxValue && height is >= 0 and <= ushort.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"{{\"Width\":{width},\"Height\":{height}}}\n")
                : null;
        }
        catch (JsonSyntaxException)
        {
            return null;
        }
    }
}
