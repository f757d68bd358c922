using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;

namespace KubeLite.Storage.Snapshots;

/// <summary>What a snapshot file holds. Reading to the end checks it.</summary>
public sealed class SnapshotContents : IStoreContents
{
    private const int MaxValueBytes = 64 << 20;

    private readonly string _path;
    private readonly BinaryReader _reader;
    private readonly DateTimeOffset _taken;

    private SnapshotContents(string path, BinaryReader reader)
    {
        _path = path;
        _reader = reader;
        Revision = reader.ReadInt64();
        _taken = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
    }

    /// <inheritdoc />
    public long Revision { get; }

    /// <summary>What the file says of itself; null until all was read.</summary>
    public SnapshotSummary? Summary { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="StoreException">Unavailable: it can't be read; VersionMismatch: it is no snapshot; Corrupt.</exception>
    public static SnapshotContents Open(string path)
    {
        FileStream? file = null;
        try
        {
            file = File.OpenRead(path);
            Span<byte> magic = stackalloc byte[SnapshotFile.Magic.Length];
            if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(SnapshotFile.Magic))
            {
                throw new StoreException(
                    StoreErrorCode.VersionMismatch, $"{path} is no snapshot of this format: name a file that kubelite snapshot save made");
            }

            return new SnapshotContents(
                path, new BinaryReader(new BufferedStream(new GZipStream(file, CompressionMode.Decompress)), Encoding.UTF8));
        }
        catch (Exception e)
        {
            file?.Dispose();
            throw Translate(e, path);
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyValue> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using ContentDigest digest = new();
        while (Next() is { } pair)
        {
            cancellationToken.ThrowIfCancellationRequested();
            digest.Add(pair);
            yield return pair;
        }

        await Task.CompletedTask;
        (long count, string sha256) = ReadEnd();
        Summary = count == digest.Count && sha256 == digest.ToText()
            ? new SnapshotSummary(Revision, _taken, count, sha256)
            : throw new StoreException(StoreErrorCode.Corrupt, $"the snapshot {_path} is damaged (its checksum is wrong): use another");
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        return ValueTask.CompletedTask;
    }

    private KeyValue? Next()
    {
        try
        {
            if (_reader.ReadByte() != SnapshotFile.PairMark)
            {
                return null;
            }

            string key = _reader.ReadString();
            (long created, long modified, long version, int length) =
                (_reader.ReadInt64(), _reader.ReadInt64(), _reader.ReadInt64(), _reader.ReadInt32());
            if (length is < 0 or > MaxValueBytes)
            {
                throw new InvalidDataException("an impossible length");
            }

            byte[] value = _reader.ReadBytes(length);
            return value.Length == length ? new KeyValue(key, value, created, modified, version) : throw new EndOfStreamException();
        }
        catch (Exception e)
        {
            throw Translate(e, _path);
        }
    }

    private (long Count, string Sha256) ReadEnd()
    {
        try
        {
            return (_reader.ReadInt64(), _reader.ReadString());
        }
        catch (Exception e)
        {
            throw Translate(e, _path);
        }
    }

    private static StoreException Translate(Exception e, string path) => e switch
    {
        StoreException known => known,
        EndOfStreamException or InvalidDataException or FormatException or ArgumentException =>
            new StoreException(StoreErrorCode.Corrupt, $"the snapshot {path} is damaged ({e.Message}): use another", e),
        _ => new StoreException(
            StoreErrorCode.Unavailable, $"the snapshot {path} can't be read ({e.Message}): check its name and permissions", e),
    };
}
