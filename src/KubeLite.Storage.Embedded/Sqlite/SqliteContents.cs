using System.Runtime.CompilerServices;
using KubeLite.Storage.Snapshots;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>What a data file holds, read in one transaction beside the server that writes to it.</summary>
public sealed class SqliteContents : IStoreContents
{
    private readonly SqliteFile _file;
    private readonly SqliteReader _reader;

    private SqliteContents(SqliteFile file)
    {
        _file = file;
        _reader = new SqliteReader(file);
        Revision = _reader.Begin();
    }

    /// <inheritdoc />
    public long Revision { get; }

    /// <summary>Opens a file as it is now; what is written later is not seen.</summary>
    /// <exception cref="StoreException">Unavailable: there is none or it can't be read; VersionMismatch; Corrupt.</exception>
    public static Task<SqliteContents> OpenAsync(string path, CancellationToken cancellationToken) =>
        Task.Run(() => new SqliteContents(SqliteFile.OpenBeside(path)), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<KeyValue> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (KeyValue pair in _reader.All(MovedKeys.Prefix, RangeQuery.GetPrefixEnd(MovedKeys.Prefix)!))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (MovedKeys.AreKept(pair.Key))
            {
                yield return pair;
            }
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _file.Dispose();
        return ValueTask.CompletedTask;
    }
}
