using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace KubeLite.ApiServer.Streaming.Spdy;

/// <summary>
/// The client's end of a SPDY/3.1 connection as kubelets and container runtimes speak it: many streams over one connection,
/// without windows, of which neither they nor Kubernetes' own client make use. Streams that the other side opens are refused.
/// Writing is safe from any thread; <see cref="RunAsync"/> reads and is called once.
/// </summary>
/// <param name="transport">The upgraded connection; its owner disposes of it.</param>
/// <param name="rest">Bytes of the connection that were read with the answer's head.</param>
public sealed class SpdyConnection(Stream transport, ReadOnlyMemory<byte> rest) : IDisposable
{
    private const int ChunkSize = 32 * 1024;
    private const int MaxControl = 64 * 1024;
    private const uint RefusedStream = 3;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SpdyHeaderWriter _headers = new();
    private readonly ConcurrentDictionary<int, SpdyStream> _streams = [];
    private ReadOnlyMemory<byte> _rest = rest;
    private int _nextStream = 1;
    private int _nextPing = -1;
    private volatile bool _ended;

    /// <summary>Opens a stream and waits until the other side has accepted it.</summary>
    /// <param name="headers">Its headers, names in lower case.</param>
    /// <param name="received">Gets what comes in, in pieces of at most 32 KiB; the next piece isn't read before it is done.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The stream was refused, or the connection broke.</exception>
    public async Task<SpdyStream> OpenAsync(
        IReadOnlyList<KeyValuePair<string, string>> headers,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> received,
        CancellationToken cancellationToken)
    {
        SpdyStream stream;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // Numbers and the state of the headers' zlib stream must reach the wire in order.
            stream = new SpdyStream(this, _nextStream, received);
            _nextStream += 2;
            _streams[stream.Id] = stream;
            byte[] block = _headers.Block(headers);
            var payload = new byte[10 + block.Length];
            BinaryPrimitives.WriteInt32BigEndian(payload, stream.Id);
            block.CopyTo(payload, 10);
            await WriteFrameAsync(new SpdyFrame(true, SpdyFrame.SynStream, 0, false, payload.Length), payload, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }

        if (_ended)
        {
            stream.End("the connection has ended");
        }

        await stream.Accepted.WaitAsync(cancellationToken);
        return stream;
    }

    /// <summary>Sends a ping, which keeps the connection alive where idle ones are cut off.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public ValueTask PingAsync(CancellationToken cancellationToken)
    {
        var id = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(id, Interlocked.Add(ref _nextPing, 2));
        return SendAsync(new SpdyFrame(true, SpdyFrame.Ping, 0, false, id.Length), id, cancellationToken);
    }

    /// <summary>Reads frames and gives them to their streams until the connection ends or is broken off; ends all streams then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            while (await FillAsync(buffer.AsMemory(0, SpdyFrame.HeadSize), cancellationToken))
            {
                SpdyFrame frame = SpdyFrame.Read(buffer);
                if (!(frame.IsControl ? await ControlAsync(frame, cancellationToken) : await DataAsync(frame, buffer, cancellationToken)))
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Broken off: for the streams an end like any other.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _ended = true;
            foreach (SpdyStream stream in _streams.Values)
            {
                stream.End("the connection has ended");
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _writing.Dispose();

    internal ValueTask WriteDataAsync(int stream, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellationToken) =>
        SendAsync(new SpdyFrame(false, 0, stream, last, bytes.Length), bytes, cancellationToken);

    private async ValueTask SendAsync(SpdyFrame frame, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteFrameAsync(frame, payload, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async ValueTask WriteFrameAsync(SpdyFrame frame, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(SpdyFrame.HeadSize + payload.Length);
        try
        {
            frame.Write(bytes);
            payload.CopyTo(bytes.AsMemory(SpdyFrame.HeadSize));
            await transport.WriteAsync(bytes.AsMemory(0, SpdyFrame.HeadSize + payload.Length), cancellationToken);
            await transport.FlushAsync(cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<bool> DataAsync(SpdyFrame frame, byte[] buffer, CancellationToken cancellationToken)
    {
        SpdyStream? stream = _streams.GetValueOrDefault(frame.StreamId);
        for (int left = frame.Length; left > 0;)
        {
            Memory<byte> piece = buffer.AsMemory(0, Math.Min(left, ChunkSize));
            if (!await FillAsync(piece, cancellationToken))
            {
                return false;
            }

            left -= piece.Length;
            if (stream is not null)
            {
                await stream.ReceiveAsync(piece, cancellationToken);
            }
        }

        if (frame.IsLast)
        {
            End(frame.StreamId, "the stream has ended");
        }

        return true;
    }

    private async Task<bool> ControlAsync(SpdyFrame frame, CancellationToken cancellationToken)
    {
        var payload = new byte[Math.Min(frame.Length, MaxControl)];
        if (frame.Length > MaxControl || !await FillAsync(payload, cancellationToken))
        {
            return false;
        }

        int id = payload.Length >= 4 ? BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue : 0;
        switch (frame.Type)
        {
            case SpdyFrame.SynStream:
                await RefuseAsync(id, cancellationToken);
                break;
            case SpdyFrame.SynReply when _streams.TryGetValue(id, out SpdyStream? stream):
                stream.Accept();
                if (frame.IsLast)
                {
                    End(id, "the stream has ended");
                }

                break;
            case SpdyFrame.RstStream:
                End(id, "Stream reset");
                break;
            case SpdyFrame.Ping when int.IsEvenInteger(id):
                await SendAsync(frame, payload, cancellationToken);
                break;
            case SpdyFrame.GoAway:
                return false;
        }

        return true;
    }

    private ValueTask RefuseAsync(int id, CancellationToken cancellationToken)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, id);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(4), RefusedStream);
        return SendAsync(new SpdyFrame(true, SpdyFrame.RstStream, 0, false, payload.Length), payload, cancellationToken);
    }

    private void End(int id, string why)
    {
        if (_streams.TryRemove(id, out SpdyStream? stream))
        {
            stream.End(why);
        }
    }

    /// <summary>Fills the buffer; false where the connection ends before.</summary>
    private async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int before = Math.Min(_rest.Length, buffer.Length);
        _rest[..before].CopyTo(buffer);
        _rest = _rest[before..];
        return await transport.ReadAtLeastAsync(
            buffer[before..], buffer.Length - before, throwOnEndOfStream: false, cancellationToken) == buffer.Length - before;
    }
}
