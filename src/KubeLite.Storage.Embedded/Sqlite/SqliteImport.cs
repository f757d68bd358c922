using KubeLite.Storage.Snapshots;
using Microsoft.Data.Sqlite;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>Makes a data file of contents from elsewhere. Every object keeps its revisions.</summary>
public static class SqliteImport
{
    private const int BatchSize = 1000;

    /// <summary>Makes a file, which appears whole or not at all.</summary>
    /// <param name="path">The file; it must not exist.</param>
    /// <param name="contents">What it shall hold.</param>
    /// <param name="minRevision">The store's revision is at least this; older ones than the contents' count as compacted.</param>
    /// <param name="time">The clock for times to live.</param>
    /// <param name="cancellationToken">Ends the work; no file appears.</param>
    /// <returns>The store's revision.</returns>
    /// <exception cref="StoreException">InvalidArgument: the file exists; what the contents throw; NoSpace; Unavailable.</exception>
    public static async Task<long> CreateAsync(
        string path, IStoreContents contents, long minRevision, TimeProvider time, CancellationToken cancellationToken)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new StoreException(StoreErrorCode.InvalidArgument, $"the data file {full} exists already: move it away first");
        }

        string partial = full + ".partial";
        Remove(partial);
        try
        {
            long revision = await FillAsync(partial, contents, minRevision, time, cancellationToken);
            File.Move(partial, full);
            return revision;
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, partial);
        }
        finally
        {
            Remove(partial);
        }
    }

    private static async Task<long> FillAsync(
        string path, IStoreContents contents, long minRevision, TimeProvider time, CancellationToken cancellationToken)
    {
        using SqliteFile file = SqliteFile.Open(new SqliteStoreOptions { Path = path }, out SqliteConnection connection);
        using (connection)
        {
            using SqliteTables tables = new(connection.Handle!, file.Path);
            long revision = Math.Max(contents.Revision, minRevision);
            long expires = (time.GetUtcNow() + MovedKeys.EventTimeToLive).ToUnixTimeMilliseconds();
            HashSet<long> used = [];
            tables.Begin();
            await foreach (KeyValue pair in contents.ReadAsync(cancellationToken))
            {
                // etcd may write several keys at one revision; here each has its own.
                long modified = used.Add(pair.ModRevision) ? pair.ModRevision : ++revision;
                tables.Put(pair with { ModRevision = modified }, 0, MovedKeys.TimeToLive(pair.Key) is null ? null : expires);
                if (used.Count % BatchSize == 0)
                {
                    tables.Commit();
                    tables.Begin();
                }
            }

            tables.Compact(revision, revision);
            tables.Commit();
            return revision;
        }
    }

    private static void Remove(string path)
    {
        foreach (string file in (string[])[path, path + "-wal", path + "-shm", path + ".lock"])
        {
            // Deleting what isn't there is no fault, but in a folder that isn't there it is.
            if (File.Exists(file))
            {
                File.Delete(file);
            }
        }
    }
}
