using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>
/// One HTTP/2 connection that looks at no more of the answers than whether they are 200 and what their bodies hold (RFC 9113). The
/// load shares the processor with the server, so what it costs itself counts as the server's: a thread of its own reads, and waits for
/// nothing else. Windows are those of Go's client, which Kubernetes' clients are built on. Thread-safe.
/// </summary>
internal sealed class FrameConnection : IAsyncDisposable
{
    private const int HeadBytes = 9;
    private const int ConnectionWindow = 1 << 30;
    private const int StreamWindow = 4 << 20;

    private const byte DataType = 0, HeadersType = 1, ResetType = 3, SettingsType = 4, PingType = 6, GoAwayType = 7, WindowUpdateType = 8;
    private const byte Acknowledged = 1, EndOfStream = 1, EndOfHeaders = 4, Padded = 8, Prioritized = 32;

    private readonly Dictionary<int, FrameStream> _streams = [];
    private readonly Lock _writing = new();
    private readonly Socket _socket;
    private readonly SslStream _tls;
    private readonly ServerAccess _access;
    private Task _reading = Task.CompletedTask;
    private int _lastId = -1;
    private int _taken;

    private FrameConnection(Socket socket, SslStream tls, ServerAccess access)
    {
        _socket = socket;
        _tls = tls;
        _access = access;
    }

    /// <summary>Connects.</summary>
    /// <exception cref="IOException">The server speaks no HTTP/2.</exception>
    public static FrameConnection Open(ServerAccess access)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(access.Server.Host, access.Server.Port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = access.Server.Host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            };
            access.Apply(options);
            tls.AuthenticateAsClient(options);
            if (tls.NegotiatedApplicationProtocol != SslApplicationProtocol.Http2)
            {
                throw new IOException($"{access.Server} speaks no HTTP/2");
            }

            var connection = new FrameConnection(socket, tls, access);
            tls.Write(Preface());
            connection._reading = Task.Factory.StartNew(
                connection.Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return connection;
        }
        catch
        {
            tls.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a path, whose answer the stream is told of.</summary>
    public void Get(string path, string? accept, FrameStream stream)
    {
        byte[] headers = RequestHeaders.Of(_access, path, accept);
        byte[] frame = new byte[HeadBytes + headers.Length];
        headers.CopyTo(frame, HeadBytes);
        lock (_writing)
        {
            // Numbers have to be sent in their order.
            stream.Id = _lastId += 2;
            lock (_streams)
            {
                _streams.Add(stream.Id, stream);
            }

            WriteHead(frame, headers.Length, HeadersType, EndOfStream | EndOfHeaders, stream.Id);
            _tls.Write(frame);
        }
    }

    /// <summary>Closes it; answers that have not ended fail.</summary>
    public async ValueTask DisposeAsync()
    {
        // Whoever reads at this moment only comes back so.
        _socket.Shutdown(SocketShutdown.Both);
        await _reading;
        await _tls.DisposeAsync();
    }

    private static byte[] Preface()
    {
        ReadOnlySpan<byte> magic = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
        const int settings = 3 * 6;
        byte[] preface = new byte[magic.Length + HeadBytes + settings + HeadBytes + sizeof(int)];
        magic.CopyTo(preface);
        Span<byte> rest = preface.AsSpan(magic.Length);
        WriteHead(rest, settings, SettingsType, 0, 0);
        // No table of headers, so that statuses need no more than a look at the first byte; no push.
        ReadOnlySpan<(ushort Id, uint Value)> values = [(1, 0), (2, 0), (4, StreamWindow)];
        rest = rest[HeadBytes..];
        foreach ((ushort id, uint value) in values)
        {
            BinaryPrimitives.WriteUInt16BigEndian(rest, id);
            BinaryPrimitives.WriteUInt32BigEndian(rest[2..], value);
            rest = rest[6..];
        }

        WriteHead(rest, sizeof(int), WindowUpdateType, 0, 0);
        BinaryPrimitives.WriteInt32BigEndian(rest[HeadBytes..], ConnectionWindow);
        return preface;
    }

    private static void WriteHead(Span<byte> frame, int length, byte type, byte flags, int stream)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }

    /// <summary>Never fails: what is under way when the connection ends is told.</summary>
    private void Read()
    {
        try
        {
            byte[] buffer = new byte[256 << 10];
            int filled = 0;
            while (_tls.Read(buffer.AsSpan(filled)) is var read and > 0)
            {
                filled += read;
                int start = 0;
                while (filled - start >= HeadBytes && Length(buffer.AsSpan(start)) is var length && filled - start >= HeadBytes + length)
                {
                    if (Take(buffer.AsSpan(start, HeadBytes + length)) is { } reply)
                    {
                        lock (_writing)
                        {
                            _tls.Write(reply);
                        }
                    }

                    start += HeadBytes + length;
                }

                buffer.AsSpan(start, filled - start).CopyTo(buffer);
                filled -= start;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            // Closed, by either side.
        }

        lock (_streams)
        {
            foreach (FrameStream stream in _streams.Values)
            {
                stream.End(complete: false);
            }

            _streams.Clear();
        }
    }

    private static int Length(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadInt32BigEndian(head) >> 8 & 0xffffff;

    /// <summary>Looks at one frame. Returns what has to be answered.</summary>
    private byte[]? Take(ReadOnlySpan<byte> frame)
    {
        byte type = frame[3], flags = frame[4];
        int id = BinaryPrimitives.ReadInt32BigEndian(frame[5..]) & int.MaxValue;
        ReadOnlySpan<byte> payload = frame[HeadBytes..];
        switch (type)
        {
            case DataType:
                return TakeData(id, payload.Length, Unpadded(payload, flags), (flags & EndOfStream) != 0);
            case HeadersType:
                payload = Unpadded(payload, flags);
                TakeHeaders(id, (flags & Prioritized) != 0 ? payload[5..] : payload, (flags & EndOfStream) != 0);
                return null;
            case ResetType:
                Remove(id)?.End(complete: false);
                return null;
            case SettingsType when (flags & Acknowledged) == 0:
                return Frame(SettingsType, Acknowledged, 0, []);
            case PingType when (flags & Acknowledged) == 0:
                return Frame(PingType, Acknowledged, 0, payload);
            case GoAwayType:
                throw new IOException("the server closes the connection");
            default:
                return null;
        }
    }

    private static ReadOnlySpan<byte> Unpadded(ReadOnlySpan<byte> payload, byte flags) =>
        (flags & Padded) == 0 ? payload : payload[1..^payload[0]];

    private void TakeHeaders(int id, ReadOnlySpan<byte> headers, bool end)
    {
        // Trailers have no status; their stream ends with them.
        FrameStream? stream = end ? Remove(id) : Find(id);
        if (stream is { Begun: false })
        {
            stream.Begin(RequestHeaders.IsOk(headers));
        }

        if (end)
        {
            stream?.End(complete: true);
        }
    }

    private byte[]? TakeData(int id, int counted, ReadOnlySpan<byte> data, bool end)
    {
        byte[]? reply = null;
        _taken += counted;
        if (_taken > ConnectionWindow / 2)
        {
            reply = Frame(WindowUpdateType, 0, 0, Increment(_taken));
            _taken = 0;
        }

        FrameStream? stream = end ? Remove(id) : Find(id);
        stream?.Take(data);
        if (end)
        {
            stream?.End(complete: true);
        }
        else if (stream is not null && (stream.Untold += counted) > StreamWindow / 4)
        {
            byte[] update = Frame(WindowUpdateType, 0, id, Increment(stream.Untold));
            stream.Untold = 0;
            reply = reply is null ? update : [.. reply, .. update];
        }

        return reply;
    }

    private static byte[] Increment(int bytes)
    {
        byte[] increment = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        return increment;
    }

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeadBytes + payload.Length];
        WriteHead(frame, payload.Length, type, flags, stream);
        payload.CopyTo(frame.AsSpan(HeadBytes));
        return frame;
    }

    private FrameStream? Find(int id)
    {
        lock (_streams)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    private FrameStream? Remove(int id)
    {
        lock (_streams)
        {
            return _streams.Remove(id, out FrameStream? stream) ? stream : null;
        }
    }
}
