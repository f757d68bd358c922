using System.IO.Compression;

namespace KubeLite.ApiServer.Streaming;

/// <summary>An HTML page of a proxied backend, with its links told in the paths of this server.</summary>
public static class ProxiedPage
{
    // Larger ones pass as they are: they would have to be held in memory whole.
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>True for a body that is a page in an encoding that is understood.</summary>
    /// <param name="contentType">The Content-Type header; null for none.</param>
    /// <param name="encoding">The Content-Encoding header; null or empty for none.</param>
    public static bool Is(string? contentType, string? encoding) =>
        contentType?.Split(';')[0].Trim() == "text/html" && encoding is null or "" or "gzip" or "deflate";

    /// <summary>Reads a page and rewrites it.</summary>
    /// <param name="body">The page as it comes.</param>
    /// <param name="encoding">Its Content-Encoding, which the result has as well.</param>
    /// <param name="links">Tells links.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The page; null and what was read of it so far where it is too large.</returns>
    /// <exception cref="InvalidDataException">The page isn't in its encoding.</exception>
    public static async Task<(byte[]? Page, byte[] Read)> ReadAsync(
        Stream body, string? encoding, ProxyLinks links, CancellationToken cancellationToken)
    {
        using var read = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            read.Write(buffer, 0, count);
            if (read.Length > Largest)
            {
                return (null, read.ToArray());
            }
        }

        byte[] bytes = read.ToArray();
        return Expand(bytes, encoding) is { } plain ? (Compress(HtmlLinks.Rewrite(plain, links.Rewrite), encoding), bytes) : (null, bytes);
    }

    private static byte[]? Expand(byte[] bytes, string? encoding)
    {
        if (string.IsNullOrEmpty(encoding))
        {
            return bytes;
        }

        using Stream expanding = encoding == "gzip"
            ? new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
            : new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int count;
        while ((count = expanding.Read(buffer)) > 0)
        {
            plain.Write(buffer, 0, count);
            if (plain.Length > Largest)
            {
                return null;
            }
        }

        return plain.ToArray();
    }

    private static byte[] Compress(byte[] page, string? encoding)
    {
        if (string.IsNullOrEmpty(encoding))
        {
            return page;
        }

        using var result = new MemoryStream();
        using (Stream compressing = encoding == "gzip"
            ? new GZipStream(result, CompressionLevel.Optimal, true)
            : new DeflateStream(result, CompressionLevel.Optimal, true))
        {
            compressing.Write(page);
        }

        return result.ToArray();
    }
}
