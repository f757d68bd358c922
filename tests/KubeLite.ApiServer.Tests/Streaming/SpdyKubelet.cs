using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using KubeLite.ApiServer.Streaming.Spdy;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

/// <summary>
/// A kubelet's end of a SPDY/3.1 connection: accepts every stream, keeps what comes in on it by its type, and sends what the
/// test says. One thread uses it at a time.
/// </summary>
public sealed class SpdyKubelet(Stream connection)
{
    private readonly MemoryStream _headers = new();
    private readonly Dictionary<int, string> _types = [];
    private readonly HashSet<string> _closed = [];
    private readonly ConcurrentDictionary<string, string> _received = [];
    private int _read;
    private int _ping;

    /// <summary>The types of the streams in the order in which they were opened.</summary>
    public ConcurrentQueue<string> Opened { get; } = [];

    /// <summary>Upgrades the connection to a version of channel.k8s.io.</summary>
    public static Task UpgradeAsync(Stream connection, string version = "v4.channel.k8s.io") => FakeBackend.WriteAsync(
        connection,
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: {version}\r\n\r\n");

    /// <summary>What came in on a stream of a type.</summary>
    public string Received(string type) => _received.GetValueOrDefault(type, "");

    /// <summary>Reads until so many streams are open.</summary>
    public async Task AcceptAsync(int streams)
    {
        while (Opened.Count < streams && await ReadFrameAsync())
        {
        }
    }

    /// <summary>Reads until the client has closed the stream of a type.</summary>
    public async Task ReadToCloseAsync(string type)
    {
        while (!_closed.Contains(type) && await ReadFrameAsync())
        {
        }
    }

    /// <summary>Reads until the stream of a type has brought so many characters.</summary>
    public async Task ReadUntilAsync(string type, int length)
    {
        while (Received(type).Length < length && await ReadFrameAsync())
        {
        }
    }

    /// <summary>Reads to the end of the connection.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadFrameAsync())
        {
        }
    }

    /// <summary>Sends text on the stream of a type.</summary>
    public Task WriteAsync(string type, string text, bool last = false) =>
        FrameAsync(new SpdyFrame(false, 0, _types.Single(t => t.Value == type).Key, last, text.Length), Encoding.Latin1.GetBytes(text));

    /// <summary>Sends a ping and reads until one comes in; its number.</summary>
    public async Task<int> PingAsync(int id)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, id);
        await FrameAsync(new SpdyFrame(true, SpdyFrame.Ping, 0, false, 4), payload);
        while (_ping == 0 && await ReadFrameAsync())
        {
        }

        return _ping;
    }

    private async Task<bool> ReadFrameAsync()
    {
        var head = new byte[SpdyFrame.HeadSize];
        if (await connection.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            return false;
        }

        SpdyFrame frame = SpdyFrame.Read(head);
        var payload = new byte[frame.Length];
        await connection.ReadExactlyAsync(payload);
        switch (frame)
        {
            case { IsControl: false }:
                Keep(_types[frame.StreamId], payload, frame.IsLast);
                break;
            case { Type: SpdyFrame.SynStream }:
                int id = BinaryPrimitives.ReadInt32BigEndian(payload);
                _types[id] = Header(payload.AsSpan(10));
                Opened.Enqueue(_types[id]);
                await FrameAsync(new SpdyFrame(true, SpdyFrame.SynReply, 0, false, 4), payload[..4]);
                break;
            case { Type: SpdyFrame.Ping }:
                _ping = BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
        }

        return true;
    }

    private void Keep(string type, byte[] payload, bool last)
    {
        _received[type] = Received(type) + Encoding.Latin1.GetString(payload);

        if (last)
        {
            _closed.Add(type);
        }
    }

    /// <summary>The value of the one header of a block; all blocks of the connection are one zlib stream.</summary>
    private string Header(ReadOnlySpan<byte> block)
    {
        _headers.Write(block);
        using var all = new ZLibStream(new MemoryStream(_headers.ToArray()), CompressionMode.Decompress);
        all.ReadExactly(new byte[_read]);
        Assert.Equal(1, Number(all));
        Assert.Equal("streamtype", Text(all, Number(all)));
        string value = Text(all, Number(all));
        _read += 4 + 4 + "streamtype".Length + 4 + value.Length;
        return value;

        static int Number(Stream from)
        {
            var four = new byte[4];
            from.ReadExactly(four);
            return BinaryPrimitives.ReadInt32BigEndian(four);
        }

        static string Text(Stream from, int length)
        {
            var bytes = new byte[length];
            from.ReadExactly(bytes);
            return Encoding.ASCII.GetString(bytes);
        }
    }

    private async Task FrameAsync(SpdyFrame frame, byte[] payload)
    {
        var bytes = new byte[SpdyFrame.HeadSize + payload.Length];
        frame.Write(bytes);
        payload.CopyTo(bytes, SpdyFrame.HeadSize);
        await connection.WriteAsync(bytes);
        await connection.FlushAsync();
    }
}
