using System.Diagnostics;
using KubeLite.Benchmarks.Load;
using Microsoft.Data.Sqlite;

namespace KubeLite.Benchmarks.Targets;

/// <summary>
/// The yardstick for writes on SQLite: rows into a file on the same disk, as many in a durable commit as the load has requests under way.
/// </summary>
public static class SqliteCommits
{
    /// <summary>Measures inserts of random values; each commit is on the disk before the next begins.</summary>
    /// <returns>Rows, whose durations are those of the commits.</returns>
    public static LoadResult Measure(string folder, BenchmarkOptions options)
    {
        string file = Path.Combine(folder, "yardstick.db");
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute(
            connection,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE yardstick (revision INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL);");
        byte[] value = new byte[EtcdPuts.ValueBytes];
        Random.Shared.NextBytes(value);
        var durations = new Latencies(options.Requests);
        using SqliteCommand insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO yardstick (key, value) VALUES ($key, $value)";
        SqliteParameter key = insert.Parameters.Add("$key", SqliteType.Text);
        insert.Parameters.AddWithValue("$value", value);
        int written = 0;
        long begun = Stopwatch.GetTimestamp();
        while (written < options.Requests && Stopwatch.GetElapsedTime(begun) < options.Limit)
        {
            long start = Stopwatch.GetTimestamp();
            using SqliteTransaction transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (int i = 0; i < BenchmarkOptions.AtOnce && written < options.Requests; i++)
            {
                key.Value = $"/yardstick/{written++}";
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
            durations.Add(Stopwatch.GetTimestamp() - start);
        }

        return new LoadResult(written, 0, Stopwatch.GetElapsedTime(begun).TotalSeconds, (long)written * EtcdPuts.ValueBytes, durations);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
