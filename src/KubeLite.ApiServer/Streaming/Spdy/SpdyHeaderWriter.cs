using System.Buffers.Binary;
using System.Text;

namespace KubeLite.ApiServer.Streaming.Spdy;

/// <summary>
/// Writes blocks of headers (SPDY/3.1 section 2.6.10). All blocks of a connection are one zlib stream (RFC 1950); this one
/// stores and doesn't compress (RFC 1951 section 3.2.4), so that it needs no dictionary and any reader can follow. Not thread-safe.
/// </summary>
public sealed class SpdyHeaderWriter
{
    // No preset dictionary, fastest level; the two bytes as a number divide by 31.
    private static ReadOnlySpan<byte> ZlibHead => [0x78, 0x01];

    // An empty stored block: whoever inflates hands out everything before it.
    private static ReadOnlySpan<byte> Flush => [0x00, 0x00, 0x00, 0xFF, 0xFF];

    private bool _begun;

    /// <summary>A block of one value per name; names must be in lower case.</summary>
    /// <exception cref="ArgumentException">The block is larger than 64 KiB.</exception>
    public byte[] Block(IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        using var plain = new MemoryStream();
        Number(plain, headers.Count);
        foreach ((string name, string value) in headers)
        {
            Text(plain, name);
            Text(plain, value);
        }

        if (plain.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"{plain.Length} bytes of headers don't fit into a stored block", nameof(headers));
        }

        using var block = new MemoryStream();
        if (!_begun)
        {
            _begun = true;
            block.Write(ZlibHead);
        }

        Span<byte> stored = stackalloc byte[5];
        stored[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(stored[1..], (ushort)plain.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored[3..], (ushort)~plain.Length);
        block.Write(stored);
        block.Write(plain.GetBuffer().AsSpan(0, (int)plain.Length));
        block.Write(Flush);
        return block.ToArray();
    }

    private static void Number(MemoryStream to, int value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(four, value);
        to.Write(four);
    }

    private static void Text(MemoryStream to, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Number(to, bytes.Length);
        to.Write(bytes);
    }
}
