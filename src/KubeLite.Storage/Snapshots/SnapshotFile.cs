using System.IO.Compression;
using System.Text;

namespace KubeLite.Storage.Snapshots;

/// <summary>
/// Writes and checks snapshot files. A file is a line of magic and a gzip stream: revision and time, then each pair with its
/// revisions, then the number of pairs and the digest of all keys and values, by which a file that is cut short or damaged is
/// known (docs/decisions/0004).
/// </summary>
public static class SnapshotFile
{
    internal const byte PairMark = 1, EndMark = 0;

    internal static ReadOnlySpan<byte> Magic => "KUBELITE SNAPSHOT 1\n"u8;

    /// <summary>Saves contents to a file, which appears whole or not at all, and reads it back.</summary>
    /// <exception cref="StoreException">The contents can't be read, or the file can't be written: Unavailable or NoSpace.</exception>
    public static async Task<SnapshotSummary> SaveAsync(
        IStoreContents contents, string path, TimeProvider time, CancellationToken cancellationToken)
    {
        string partial = path + ".partial";
        try
        {
            await WriteAsync(contents, partial, time.GetUtcNow(), cancellationToken);
            SnapshotSummary summary = await VerifyAsync(partial, cancellationToken);
            File.Move(partial, path, overwrite: true);
            return summary;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
            throw new StoreException(
                StoreErrorCode.Unavailable, $"the snapshot {path} can't be written ({e.Message}): choose another place", e);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Reads a whole file and compares it with its digest.</summary>
    /// <exception cref="StoreException">Corrupt: it is damaged; VersionMismatch: it is no snapshot; Unavailable: it can't be
    /// read.</exception>
    public static async Task<SnapshotSummary> VerifyAsync(string path, CancellationToken cancellationToken)
    {
        await using SnapshotContents contents = SnapshotContents.Open(path);
        await foreach (KeyValue _ in contents.ReadAsync(cancellationToken))
        {
            // Reading to the end checks.
        }

        return contents.Summary!;
    }

    private static async Task WriteAsync(IStoreContents contents, string path, DateTimeOffset now, CancellationToken cancellationToken)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 1 << 16 };
        if (!OperatingSystem.IsWindows())
        {
            // Secrets are in it.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using FileStream file = new(path, options);
        file.Write(Magic);
        await using (GZipStream gzip = new(file, CompressionLevel.Fastest, leaveOpen: true))
        await using (BinaryWriter writer = new(gzip, Encoding.UTF8, leaveOpen: true))
        using (ContentDigest digest = new())
        {
            writer.Write(contents.Revision);
            writer.Write(now.ToUnixTimeMilliseconds());
            await foreach (KeyValue pair in contents.ReadAsync(cancellationToken))
            {
                digest.Add(pair);
                writer.Write(PairMark);
                writer.Write(pair.Key);
                writer.Write(pair.CreateRevision);
                writer.Write(pair.ModRevision);
                writer.Write(pair.Version);
                writer.Write(pair.Value.Length);
                writer.Write(pair.Value.Span);
            }

            writer.Write(EndMark);
            writer.Write(digest.Count);
            writer.Write(digest.ToText());
        }

        file.Flush(flushToDisk: true);
    }
}
