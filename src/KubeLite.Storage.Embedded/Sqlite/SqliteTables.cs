using SQLitePCL;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>The statements of the writer's connection. For the writer thread alone.</summary>
internal sealed class SqliteTables : IDisposable
{
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _findCurrent;
    private readonly SqliteStatement _readValue;
    private readonly SqliteStatement _append;
    private readonly SqliteStatement _setCurrent;
    private readonly SqliteStatement _removeCurrent;
    private readonly SqliteStatement _logStep;
    private readonly SqliteStatement _removeRow;
    private readonly SqliteStatement _setCompacted;
    private readonly sqlite3 _database;
    private readonly string _path;

    public SqliteTables(sqlite3 database, string path)
    {
        _database = database;
        _path = path;
        _begin = new SqliteStatement(database, path, "BEGIN IMMEDIATE");
        _commit = new SqliteStatement(database, path, "COMMIT");
        _rollback = new SqliteStatement(database, path, "ROLLBACK");
        _findCurrent = new SqliteStatement(database, path, "SELECT rev, create_rev, version FROM current WHERE key = ?1");
        _readValue = new SqliteStatement(database, path, "SELECT value, sum FROM log WHERE rev = ?1");
        _append = new SqliteStatement(database, path, "INSERT INTO log VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
        _setCurrent = new SqliteStatement(
            database,
            path,
            "INSERT INTO current VALUES (?1, ?2, ?3, ?4) "
            + "ON CONFLICT (key) DO UPDATE SET rev = excluded.rev, create_rev = excluded.create_rev, version = excluded.version");
        _removeCurrent = new SqliteStatement(database, path, "DELETE FROM current WHERE key = ?1");
        _logStep = new SqliteStatement(database, path, "SELECT rev, prev_rev, version FROM log WHERE rev > ?1 AND rev <= ?2 ORDER BY rev");
        _removeRow = new SqliteStatement(database, path, "DELETE FROM log WHERE rev = ?1");
        _setCompacted = new SqliteStatement(database, path, "UPDATE meta SET value = ?1 WHERE name = 'compacted'");
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    /// <summary>Ends the transaction if SQLite has not ended it already, as it does for some errors.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_database) == 0)
        {
            _rollback.Run();
        }
    }

    /// <summary>The newest pair of a key, without its value.</summary>
    public KeyValue? Find(string key)
    {
        _findCurrent.Bind(1, key);
        KeyValue? found = _findCurrent.Step()
            ? new KeyValue(key, default, _findCurrent.Integer(1), _findCurrent.Integer(0), _findCurrent.Integer(2))
            : null;
        _findCurrent.Reset();
        return found;
    }

    /// <summary>A pair with its value read.</summary>
    public KeyValue WithValue(in KeyValue pair)
    {
        _readValue.Bind(1, pair.ModRevision);
        byte[] value = [];
        long? sum = null;
        if (_readValue.Step())
        {
            value = _readValue.Blob(0);
            sum = _readValue.IsNull(1) ? null : _readValue.Integer(1);
        }

        _readValue.Reset();
        if (sum is { } expected)
        {
            ValueChecksum.Verify(expected, pair.Key, pair.ModRevision, value, _path);
        }

        return pair with { Value = value };
    }

    public void Put(in KeyValue pair, long previousRevision, long? expires)
    {
        Append(pair, previousRevision, expires);
        _setCurrent.Bind(1, pair.Key).Bind(2, pair.ModRevision).Bind(3, pair.CreateRevision).Bind(4, pair.Version).Run();
    }

    public void Delete(in KeyValue tombstone, long previousRevision)
    {
        Append(tombstone, previousRevision, null);
        _removeCurrent.Bind(1, tombstone.Key).Run();
    }

    /// <summary>Removes the history that the revisions after <paramref name="from"/> up to <paramref name="until"/> made
    /// unreachable: the row before each, and the deletions among them.</summary>
    public void Compact(long from, long until)
    {
        // Collected first: a table must not change under the cursor that walks it.
        List<long> remove = [];
        _logStep.Bind(1, from).Bind(2, until);
        while (_logStep.Step())
        {
            if (_logStep.Integer(1) > 0)
            {
                remove.Add(_logStep.Integer(1));
            }

            if (_logStep.Integer(2) == 0)
            {
                remove.Add(_logStep.Integer(0));
            }
        }

        _logStep.Reset();
        foreach (long revision in remove)
        {
            _removeRow.Bind(1, revision).Run();
        }

        _setCompacted.Bind(1, until).Run();
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in (SqliteStatement[])
            [
                _begin, _commit, _rollback, _findCurrent, _readValue, _append, _setCurrent, _removeCurrent, _logStep, _removeRow,
                _setCompacted,
            ])
        {
            statement.Dispose();
        }
    }

    private void Append(in KeyValue pair, long previousRevision, long? expires)
    {
        _append.Bind(1, pair.ModRevision).Bind(2, pair.Key).Bind(3, pair.CreateRevision).Bind(4, pair.Version).Bind(5, previousRevision);
        if (expires is { } deadline)
        {
            _append.Bind(6, deadline);
        }
        else
        {
            _append.BindNull(6);
        }

        _append.Bind(7, pair.Value.Span).Bind(8, ValueChecksum.Of(pair.ModRevision, pair.Value.Span));
        _append.Run();
    }
}
