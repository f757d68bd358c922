using System.Globalization;
using System.Text;
using KubeLite.ApiMachinery.Errors;
using Microsoft.AspNetCore.Http;

namespace KubeLite.ApiServer.Streaming;

/// <summary>The head of a backend's answer to an upgrade, and what came in behind it.</summary>
/// <param name="Code">The status.</param>
/// <param name="Reason">The status' words.</param>
/// <param name="Headers">The headers in order.</param>
/// <param name="Rest">The bytes that were read beyond the head.</param>
public sealed record UpgradeAnswer(int Code, string Reason, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Rest)
{
    private const int MaxHead = 64 * 1024;
    private const int MaxBody = 1024 * 1024;

    /// <summary>True where the backend speaks the protocol from here on.</summary>
    public bool Switches(string protocol) =>
        Code == StatusCodes.Status101SwitchingProtocols &&
        Header("Connection")?.Contains("upgrade", StringComparison.OrdinalIgnoreCase) == true &&
        Header("Upgrade")?.Contains(protocol, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>A header's value; null where it is absent.</summary>
    public string? Header(string name)
    {
        foreach ((string key, string value) in Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Reads a head.</summary>
    /// <exception cref="ApiException">500: the backend went away or doesn't speak HTTP.</exception>
    public static async Task<UpgradeAnswer> ReadAsync(Stream backend, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        int filled = 0;
        while (true)
        {
            int read;
            try
            {
                read = await backend.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            }
            catch (IOException e)
            {
                throw ApiException.Bare($"error reading the backend's answer: {e.Message}");
            }

            if (read == 0)
            {
                throw ApiException.Bare(filled == 0 ? "EOF" : "unexpected EOF");
            }

            filled += read;
            int end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return Parse(Encoding.UTF8.GetString(buffer, 0, end), buffer.AsMemory((end + 4)..filled));
            }

            if (filled == buffer.Length)
            {
                if (filled >= MaxHead)
                {
                    throw ApiException.Bare("the headers of the backend's answer are too large");
                }

                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>The body of an answer that is no upgrade: as long as it says, or as the connection lasts, and at most a mebibyte.</summary>
    public async Task<byte[]> ReadBodyAsync(Stream backend, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        body.Write(Rest.Span);
        bool chunked = Header("Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true;
        long length = long.TryParse(Header("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out long given)
            ? Math.Min(given, MaxBody)
            : chunked ? 0 : MaxBody;
        var buffer = new byte[4096];
        while (chunked ? !EndsChunks(body) && body.Length < MaxBody : body.Length < length)
        {
            int read = await backend.ReadAsync(buffer, cancellationToken);
            if (read == 0)
            {
                break;
            }

            body.Write(buffer, 0, read);
        }

        return chunked ? Unchunked(body.ToArray()) : body.ToArray();
    }

    private static bool EndsChunks(MemoryStream body) => body.GetBuffer().AsSpan(0, (int)body.Length).EndsWith("0\r\n\r\n"u8);

    private static byte[] Unchunked(byte[] body)
    {
        using var plain = new MemoryStream();
        ReadOnlySpan<byte> rest = body;
        while (true)
        {
            int end = rest.IndexOf("\r\n"u8);
            if (end < 0 || !int.TryParse(
                Encoding.ASCII.GetString(rest[..end]).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int size) ||
                size <= 0 || rest.Length < end + 2 + size)
            {
                return plain.ToArray();
            }

            plain.Write(rest.Slice(end + 2, size));
            rest = rest[Math.Min(rest.Length, end + 4 + size)..];
        }
    }

    private static UpgradeAnswer Parse(string head, ReadOnlyMemory<byte> rest)
    {
        string[] lines = head.Split("\r\n");
        string[] status = lines[0].Split(' ', 3);
        if (status.Length < 2 || !status[0].StartsWith("HTTP/", StringComparison.Ordinal) ||
            !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out int code) || code is < 100 or > 999)
        {
            throw ApiException.Bare($"malformed HTTP response {FieldError.GoQuote(lines[0])}");
        }

        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines.AsSpan(1))
        {
            int at = line.IndexOf(':', StringComparison.Ordinal);
            if (at > 0)
            {
                headers.Add(new(line[..at].Trim(), line[(at + 1)..].Trim()));
            }
        }

        return new UpgradeAnswer(code, status.Length > 2 ? status[2] : "", headers, rest);
    }
}
