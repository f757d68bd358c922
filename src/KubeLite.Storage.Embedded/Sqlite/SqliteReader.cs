using Microsoft.Data.Sqlite;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>One read connection with its statements; every read is one transaction, so it sees one revision. For one thread at a
/// time.</summary>
internal sealed class SqliteReader : IDisposable
{
    // Greater than any key: keys are valid text, and no character is encoded higher.
    private const string Last = "\U0010FFFF";

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _end;
    private readonly SqliteStatement _state;
    private readonly SqliteStatement _get;
    private readonly SqliteStatement _range;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _revisionsAt;
    private readonly SqliteStatement _row;
    private readonly SqliteStatement _events;
    private readonly SqliteStatement _expiring;

    public SqliteReader(SqliteFile file)
    {
        _connection = file.Connect();
        _path = file.Path;
        SQLitePCL.sqlite3 database = _connection.Handle!;
        SqliteStatement Prepare(string sql) => new(database, file.Path, sql);

        using (SqliteCommand pragmas = _connection.CreateCommand())
        {
            pragmas.CommandText = "PRAGMA query_only = ON; PRAGMA cache_size = -8192";
            pragmas.ExecuteNonQuery();
        }

        _begin = Prepare("BEGIN");
        _end = Prepare("COMMIT");
        _state = Prepare("SELECT ifnull((SELECT max(rev) FROM log), 1), (SELECT value FROM meta WHERE name = 'compacted')");
        _get = Prepare(
            "SELECT c.key, c.create_rev, c.rev, c.version, l.value, l.sum FROM current c JOIN log l ON l.rev = c.rev WHERE c.key = ?1");
        _range = Prepare(
            "SELECT c.key, c.create_rev, c.rev, c.version, l.value, l.sum FROM current c CROSS JOIN log l ON l.rev = c.rev "
            + "WHERE c.key >= ?1 AND c.key < ?2 ORDER BY c.key LIMIT ?3");
        _count = Prepare("SELECT count(*) FROM current WHERE key >= ?1 AND key < ?2");
        _revisionsAt = Prepare(
            "SELECT key, rev FROM current WHERE key >= ?1 AND key < ?2 AND rev <= ?3 UNION ALL "
            + "SELECT key, prev_rev FROM (SELECT key, min(rev), prev_rev FROM log WHERE rev > ?3 AND key >= ?1 AND key < ?2 GROUP BY key) "
            + "WHERE prev_rev > 0 ORDER BY 1");
        _row = Prepare("SELECT key, create_rev, rev, version, value, sum FROM log WHERE rev = ?1");
        _events = Prepare("SELECT key, create_rev, rev, version, value, sum, prev_rev FROM log WHERE rev > ?1 ORDER BY rev LIMIT ?2");
        _expiring = Prepare("SELECT key, rev, expires FROM log WHERE expires IS NOT NULL");
    }

    /// <summary>The file's newest and compacted revision.</summary>
    public (long Revision, long Compacted) ReadState()
    {
        _state.Step();
        long compacted = _state.Integer(1);

        // Compaction may have removed the newest row when it was a deletion.
        long revision = Math.Max(_state.Integer(0), compacted);
        _state.Reset();
        return (revision, compacted);
    }

    public KeyValue? Get(string key)
    {
        _get.Bind(1, key);
        KeyValue? found = _get.Step() ? Pair(_get) : null;
        _get.Reset();
        return found;
    }

    /// <summary>Begins a transaction that lasts until the reader is disposed of; answers its revision.</summary>
    public long Begin()
    {
        _begin.Run();
        return ReadState().Revision;
    }

    /// <summary>Every living pair of a range, one by one, in the transaction begun.</summary>
    public IEnumerable<KeyValue> All(string start, string end)
    {
        _range.Bind(1, start).Bind(2, end).Bind(3, -1);
        while (_range.Step())
        {
            yield return Pair(_range);
        }

        _range.Reset();
    }

    public RangeResult Range(in RangeQuery query, string start, string? end)
    {
        _begin.Run();
        try
        {
            (long revision, long compacted) = ReadState();
            if (query.Revision > revision)
            {
                throw StoreException.FutureRevision(query.Revision, revision);
            }

            if (query.Revision > 0 && query.Revision < compacted)
            {
                throw StoreException.Compacted(query.Revision, compacted);
            }

            return query.Revision == 0 || query.Revision == revision
                ? RangeNewest(query, start, end ?? Last, revision)
                : RangeAt(query, start, end ?? Last);
        }
        finally
        {
            _end.Run();
        }
    }

    /// <summary>Up to <paramref name="limit"/> events after a revision; the deleted pairs are read too.</summary>
    public List<StoreEvent> Events(long afterRevision, int limit)
    {
        _begin.Run();
        try
        {
            (_, long compacted) = ReadState();
            if (afterRevision < compacted)
            {
                throw StoreException.Compacted(afterRevision, compacted);
            }

            List<StoreEvent> events = [];
            _events.Bind(1, afterRevision).Bind(2, limit);
            while (_events.Step())
            {
                KeyValue pair = Pair(_events);
                events.Add(pair.Version > 0
                    ? new StoreEvent(StoreEventType.Put, pair, null)
                    : new StoreEvent(StoreEventType.Delete, pair with { CreateRevision = 0 }, Row(_events.Integer(6))));
            }

            _events.Reset();
            return events;
        }
        finally
        {
            _end.Run();
        }
    }

    /// <summary>Every row that was given a time to live; some may be outdated.</summary>
    public List<(string Key, long Revision, long Expires)> Expiring()
    {
        List<(string, long, long)> expiring = [];
        while (_expiring.Step())
        {
            expiring.Add((_expiring.Text(0), _expiring.Integer(1), _expiring.Integer(2)));
        }

        _expiring.Reset();
        return expiring;
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in (SqliteStatement[])
            [_begin, _end, _state, _get, _range, _count, _revisionsAt, _row, _events, _expiring])
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private KeyValue Pair(SqliteStatement row)
    {
        KeyValue pair = new(row.Text(0), row.Blob(4), row.Integer(1), row.Integer(2), row.Integer(3));
        if (!row.IsNull(5))
        {
            ValueChecksum.Verify(row.Integer(5), pair.Key, pair.ModRevision, pair.Value.Span, _path);
        }

        return pair;
    }

    private RangeResult RangeNewest(in RangeQuery query, string start, string end, long revision)
    {
        List<KeyValue> items = [];
        if (!query.CountOnly)
        {
            _range.Bind(1, start).Bind(2, end).Bind(3, query.Limit == 0 ? -1 : query.Limit);
            while (_range.Step())
            {
                items.Add(Pair(_range));
            }

            _range.Reset();
        }

        long count = items.Count;
        if (query.CountOnly || (query.Limit > 0 && items.Count == query.Limit))
        {
            _count.Bind(1, start).Bind(2, end).Step();
            count = _count.Integer(0);
            _count.Reset();
        }

        return new RangeResult(revision, items, count, !query.CountOnly && items.Count < count);
    }

    private RangeResult RangeAt(in RangeQuery query, string start, string end)
    {
        List<KeyValue> items = [];
        long count = 0;
        _revisionsAt.Bind(1, start).Bind(2, end).Bind(3, query.Revision);
        while (_revisionsAt.Step())
        {
            count++;
            if (!query.CountOnly && (query.Limit == 0 || items.Count < query.Limit) && Row(_revisionsAt.Integer(1)) is { } pair)
            {
                items.Add(pair);
            }
        }

        _revisionsAt.Reset();
        return new RangeResult(query.Revision, items, count, !query.CountOnly && items.Count < count);
    }

    private KeyValue? Row(long revision)
    {
        _row.Bind(1, revision);
        KeyValue? pair = _row.Step() ? Pair(_row) : null;
        _row.Reset();
        return pair;
    }
}
