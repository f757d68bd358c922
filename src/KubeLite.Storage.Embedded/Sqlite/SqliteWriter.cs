using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>The one writer: a thread that puts all requests waiting for it into one transaction, commits (one fsync), publishes the
/// events and only then answers. Requests that arrive during the fsync make up the next transaction.</summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private const int MaxBatch = 512;

    // Compaction rides on write transactions, at least as fast as revisions are made, in steps that no writer notices.
    private const int MinCompactStep = 256;

    private readonly SqliteConnection _connection;
    private readonly SqliteTables _tables;
    private readonly WriteQueue _queue = new();
    private readonly EventLog _log;
    private readonly ExpiryQueue _expiry;
    private readonly HistoryRetention _retention;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<StoreEvent> _events = [];
    private readonly List<(string Key, long Revision, long Expires)> _expiring = [];
    private readonly List<WriteRequest> _compactors = [];
    private long _revision;
    private long _next;
    private long _compacted;
    private long _compactTarget;

    public SqliteWriter(
        SqliteConnection connection, string path, long revision, long compacted, EventLog log, HistoryRetention retention,
        TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _tables = new SqliteTables(connection.Handle!, path);
        _log = log;
        _retention = retention;
        _logger = logger;
        _revision = revision;
        _compacted = compacted;
        _compactTarget = compacted;
        _expiry = new ExpiryQueue(time, Expire);
        new Thread(Run) { IsBackground = true, Name = "sqlite writer" }.Start();
    }

    /// <summary>The newest committed revision.</summary>
    public long Revision => Volatile.Read(ref _revision);

    public long Compacted => Volatile.Read(ref _compacted);

    public ExpiryQueue Expiry => _expiry;

    /// <summary>Queues a request; its own task has the answer.</summary>
    public ValueTask AddAsync(WriteRequest request, CancellationToken cancellationToken) => _queue.AddAsync(request, cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _expiry.DisposeAsync();
        _queue.Close();
        await _stopped.Task;
        _queue.Dispose();
    }

    private void Run()
    {
        List<WriteRequest> batch = new(MaxBatch);
        try
        {
            while (_queue.Take(batch, MaxBatch, wait: _compactors.Count == 0))
            {
                Process(batch);
                batch.Clear();
            }
        }
        catch (Exception e)
        {
            // The thread ends: nobody may wait for it in vain.
            LogWriterFailed(e);
            _queue.Close();
            StoreException failure = new(StoreErrorCode.Unavailable, "the store's writer has failed; restart the server", e);
            do
            {
                Fail(batch, failure);
                batch.Clear();
            }
            while (_queue.Take(batch, MaxBatch, wait: false) && batch.Count > 0);
        }
        finally
        {
            Fail(_compactors, new StoreException(StoreErrorCode.Unavailable, "the store is closed"));
            _tables.Dispose();
            _connection.Dispose();
            _stopped.TrySetResult();
        }
    }

    private void Process(List<WriteRequest> batch)
    {
        _next = _revision;
        _events.Clear();
        _expiring.Clear();
        long compacted;
        try
        {
            _tables.Begin();
            foreach (WriteRequest request in batch)
            {
                Apply(request);
            }

            compacted = CompactStep();
            _tables.Commit();
        }
        catch (StoreException e)
        {
            LogCommitFailed(e.Code, e.Message);
            _tables.Rollback();
            Fail(batch, e);
            Fail(_compactors, e);
            _compactors.Clear();
            _compactTarget = _compacted;
            return;
        }

        Publish(compacted);
        foreach (WriteRequest request in batch)
        {
            if (request.Kind != WriteKind.Compact || request.Failure is not null)
            {
                request.Answer();
            }
        }

        AnswerCompactors();
    }

    private void Apply(WriteRequest request)
    {
        switch (request.Kind)
        {
            case WriteKind.Put:
                Put(request);
                break;
            case WriteKind.Delete:
                Delete(request);
                break;
            case WriteKind.Compact when request.Expected > _next:
                request.Failure = StoreException.FutureRevision(request.Expected!.Value, _next);
                break;
            case WriteKind.Compact:
                _compactTarget = Math.Max(_compactTarget, request.Expected!.Value);
                _compactors.Add(request);
                break;
            default:
                break;
        }
    }

    private void Put(WriteRequest request)
    {
        KeyValue? current = _tables.Find(request.Key);
        if (request.Expected is { } expected && expected != (current?.ModRevision ?? 0))
        {
            request.Result = new WriteResult(false, _next, current is { } found ? _tables.WithValue(found) : null);
            return;
        }

        long revision = ++_next;
        KeyValue pair = new(request.Key, request.Value, current?.CreateRevision ?? revision, revision, (current?.Version ?? 0) + 1);
        _tables.Put(pair, current?.ModRevision ?? 0, request.Expires);
        _events.Add(new StoreEvent(StoreEventType.Put, pair, null));
        if (request.Expires is { } expires)
        {
            _expiring.Add((pair.Key, revision, expires));
        }

        request.Result = new WriteResult(true, revision, null);
    }

    private void Delete(WriteRequest request)
    {
        if (_tables.Find(request.Key) is not { } found)
        {
            request.Result = new WriteResult(false, _next, null);
            return;
        }

        KeyValue current = _tables.WithValue(found);
        if (request.Expected is { } expected && expected != current.ModRevision)
        {
            request.Result = new WriteResult(false, _next, current);
            return;
        }

        KeyValue tombstone = new(request.Key, default, 0, ++_next, 0);
        _tables.Delete(tombstone, current.ModRevision);
        _events.Add(new StoreEvent(StoreEventType.Delete, tombstone, current));
        request.Result = new WriteResult(true, _next, null);
    }

    private long CompactStep()
    {
        if (_events.Count > 0)
        {
            _compactTarget = Math.Max(_compactTarget, _retention.Note(_next));
        }

        long until = Math.Min(_compactTarget, _compacted + Math.Max(MinCompactStep, 2 * _events.Count));
        if (until > _compacted)
        {
            _tables.Compact(_compacted, until);
        }

        return until;
    }

    private void Publish(long compacted)
    {
        Volatile.Write(ref _revision, _next);
        Volatile.Write(ref _compacted, compacted);
        if (_events.Count > 0)
        {
            _log.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_events));
        }

        foreach ((string key, long revision, long expires) in _expiring)
        {
            _expiry.Add(key, revision, DateTimeOffset.FromUnixTimeMilliseconds(expires));
        }
    }

    private void AnswerCompactors()
    {
        for (int i = _compactors.Count - 1; i >= 0; i--)
        {
            if (_compactors[i].Expected <= _compacted)
            {
                _compactors[i].Answer();
                _compactors.RemoveAt(i);
            }
        }
    }

    private void Expire(IReadOnlyList<ExpiryQueue.Expiring> due)
    {
        foreach (ExpiryQueue.Expiring expiring in due)
        {
            _queue.AddInternal(new WriteRequest(WriteKind.Delete, expiring.Key, default, expiring.ModRevision, null));
        }
    }

    private static void Fail(List<WriteRequest> requests, StoreException failure)
    {
        foreach (WriteRequest request in requests)
        {
            // Each gets an exception of its own: they are thrown on different threads.
            request.TrySetException(new StoreException(failure.Code, failure.Message, failure.InnerException));
        }
    }

    [LoggerMessage(20, LogLevel.Error, "A transaction failed and was undone ({Code}): {Reason}")]
    private partial void LogCommitFailed(StoreErrorCode code, string reason);

    [LoggerMessage(21, LogLevel.Critical, "The store's writer has failed")]
    private partial void LogWriterFailed(Exception exception);
}
