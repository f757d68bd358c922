using System.Text;

namespace KubeLite.Benchmarks.Load.Frames;

/// <summary>The headers of GET requests as HPACK (RFC 7541), without its tables of what was sent before.</summary>
internal static class RequestHeaders
{
    private const byte IndexedOk = 0x88;

    /// <summary>The headers of a GET.</summary>
    public static byte[] Of(ServerAccess access, string path, string? accept)
    {
        var block = new List<byte>
        {
            // Of the static table: GET, https.
            0x82, 0x87,
        };
        Add(block, 4, path);
        Add(block, 1, access.Server.Authority);
        if (access.Token.Length > 0)
        {
            Add(block, 23, "Bearer " + access.Token);
        }

        if (accept is not null)
        {
            Add(block, 19, accept);
        }

        return [.. block];
    }

    /// <summary>Whether an answer's headers begin with status 200, as every server of HTTP/2 writes it.</summary>
    public static bool IsOk(ReadOnlySpan<byte> headers)
    {
        // Before the first field may stand what size the server gives its table.
        while (headers.Length > 0 && (headers[0] & 0xe0) == 0x20)
        {
            headers = headers[1..];
        }

        return headers.Length > 0 && headers[0] == IndexedOk;
    }

    /// <summary>A field whose name the static table has, and which is to be remembered by nobody.</summary>
    private static void Add(List<byte> block, int name, string value)
    {
        AddNumber(block, name, 4);
        byte[] bytes = Encoding.ASCII.GetBytes(value);
        AddNumber(block, bytes.Length, 7);
        block.AddRange(bytes);
    }

    private static void AddNumber(List<byte> block, int number, int bits)
    {
        int most = (1 << bits) - 1;
        if (number < most)
        {
            block.Add((byte)number);
            return;
        }

        block.Add((byte)most);
        for (number -= most; number >= 128; number >>= 7)
        {
            block.Add((byte)(number & 127 | 128));
        }

        block.Add((byte)number);
    }
}
