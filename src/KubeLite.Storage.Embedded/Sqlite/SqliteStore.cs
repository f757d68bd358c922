using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>A store in one SQLite file of this machine, used by one process at a time. An acknowledged write is on disk (WAL,
/// synchronous = FULL) and survives a killed process and a power cut.</summary>
public sealed class SqliteStore : IKeyValueStore
{
    private const int CatchUpBatch = 500;

    private readonly SqliteFile _file;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaderPool _readers;
    private readonly EventLog _log;
    private readonly TimeProvider _time;
    private int _disposed;

    private SqliteStore(SqliteFile file, SqliteWriter writer, SqliteReaderPool readers, EventLog log, TimeProvider time)
    {
        _file = file;
        _writer = writer;
        _readers = readers;
        _log = log;
        _time = time;
    }

    /// <inheritdoc />
    public long CompactedRevision => _writer.Compacted;

    /// <inheritdoc />
    public bool RevisionIsLocal => true;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="StoreException">InUse (another server has it), VersionMismatch (another format), Corrupt, Unavailable (no
    /// permission); the message is one line that says what to do.</exception>
    public static Task<SqliteStore> OpenAsync(
        SqliteStoreOptions options, TimeProvider timeProvider, ILogger<SqliteStore> logger, CancellationToken cancellationToken) =>
        Task.Run(() => Open(options, timeProvider, logger), cancellationToken);

    /// <inheritdoc />
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return new ValueTask<long>(_writer.Revision);
    }

    /// <inheritdoc />
    public ValueTask<KeyValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        WriteRules.CheckKey(key, null);
        return _readers.ReadAsync(key, static (reader, k) => reader.Get(k), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<RangeResult> RangeAsync(RangeQuery query, CancellationToken cancellationToken)
    {
        (string start, string? end) = query.GetBounds();
        return _readers.ReadLongAsync(
            (query, start, end), static (reader, s) => reader.Range(s.query, s.start, s.end), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long? expectedModRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        WriteRules.CheckPut(key, value, expectedModRevision, timeToLive);
        long? expires = timeToLive is { } lifetime ? (_time.GetUtcNow() + lifetime).ToUnixTimeMilliseconds() : null;
        return WriteAsync(new WriteRequest(WriteKind.Put, key, value, expectedModRevision, expires), cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<WriteResult> DeleteAsync(string key, long? expectedModRevision, CancellationToken cancellationToken)
    {
        WriteRules.CheckKey(key, expectedModRevision);
        return WriteAsync(new WriteRequest(WriteKind.Delete, key, default, expectedModRevision, null), cancellationToken);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoreWatchBatch> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long revision = Math.Max(afterRevision, 1);
        bool pulsed = false;
        if (afterRevision < _writer.Compacted)
        {
            throw StoreException.Compacted(afterRevision, _writer.Compacted);
        }

        while (true)
        {
            if (_log.Read(revision, prefix, out Task changed) is not { } batch)
            {
                // Older than what memory holds: from the file, until the rest is in memory.
                batch = await ReadEventsAsync(prefix, revision, cancellationToken);
                changed = Task.CompletedTask;
            }

            if (batch.Revision > revision || (pulsed && batch.Revision == revision))
            {
                revision = batch.Revision;
                yield return batch;
            }

            await changed.WaitAsync(cancellationToken);
            pulsed = true;
        }
    }

    /// <inheritdoc />
    public ValueTask RequestProgressAsync(CancellationToken cancellationToken)
    {
        _log.Pulse();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        await WriteAsync(new WriteRequest(WriteKind.Compact, "", default, revision, null), cancellationToken);
        _log.TrimTo(revision);
    }

    /// <inheritdoc />
    public async ValueTask CheckHealthAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(2), _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await WriteAsync(new WriteRequest(WriteKind.Ping, "", default, null, null), either.Token);
            await _readers.ReadAsync(0, static (reader, _) => reader.ReadState(), either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorCode.Timeout, $"the data file {_file.Path} did not answer within 2 s: check the disk");
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _log.End(new StoreException(StoreErrorCode.Unavailable, "the store is closed"));
            _readers.Dispose();
            await _writer.DisposeAsync();
            _file.Dispose();
        }
    }

    private static SqliteStore Open(SqliteStoreOptions options, TimeProvider time, ILogger<SqliteStore> logger)
    {
        SqliteFile file = SqliteFile.Open(options, out SqliteConnection connection);
        SqliteReaderPool? readers = null;
        try
        {
            readers = new SqliteReaderPool(file, options.MaxReaders);
            SqliteReader first = new(file);
            (long revision, long compacted) = first.ReadState();
            List<(string Key, long Revision, long Expires)> expiring = first.Expiring();
            first.Dispose();

            EventLog log = new(revision, options.EventsInMemory);
            HistoryRetention retention = new(options.HistoryRetention, time);
            SqliteWriter writer = new(connection, file.Path, revision, compacted, log, retention, time, logger);
            foreach ((string key, long keyRevision, long expires) in expiring)
            {
                writer.Expiry.Add(key, keyRevision, DateTimeOffset.FromUnixTimeMilliseconds(expires));
            }

            return new SqliteStore(file, writer, readers, log, time);
        }
        catch
        {
            readers?.Dispose();
            connection.Dispose();
            file.Dispose();
            throw;
        }
    }

    private async ValueTask<StoreWatchBatch> ReadEventsAsync(string prefix, long revision, CancellationToken cancellationToken)
    {
        List<StoreEvent> events = await _readers.ReadLongAsync(
            revision, static (reader, r) => reader.Events(r, CatchUpBatch), cancellationToken);
        long reached = events.Count > 0 ? events[^1].KeyValue.ModRevision : revision;
        events.RemoveAll(e => !e.KeyValue.Key.StartsWith(prefix, StringComparison.Ordinal));
        return new StoreWatchBatch(reached, events);
    }

    private async ValueTask<WriteResult> WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        await _writer.AddAsync(request, cancellationToken);
        return await request.Task.WaitAsync(cancellationToken);
    }

    private void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _disposed) != 0)
        {
            throw new StoreException(StoreErrorCode.Unavailable, "the store is closed");
        }
    }
}
