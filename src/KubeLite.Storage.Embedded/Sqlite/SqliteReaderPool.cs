using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>Read connections, made on demand up to a maximum. Safe for concurrent use.</summary>
internal sealed class SqliteReaderPool(SqliteFile file, int maxReaders) : IDisposable
{
    private readonly SemaphoreSlim _free = new(maxReaders);
    private readonly ConcurrentBag<SqliteReader> _idle = [];
    private volatile bool _closed;

    /// <summary>Runs a read on the caller's thread: for one key, which takes microseconds.</summary>
    public async ValueTask<T> ReadAsync<TState, T>(TState state, Func<SqliteReader, TState, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return Read(state, read);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Runs a read on another thread: for ranges, which may take long.</summary>
    public async ValueTask<T> ReadLongAsync<TState, T>(
        TState state, Func<SqliteReader, TState, T> read, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(state, read), cancellationToken);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out SqliteReader? reader))
        {
            reader.Dispose();
        }
    }

    private SqliteReader OpenReader()
    {
        try
        {
            return new SqliteReader(file);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, file.Path);
        }
    }

    private T Read<TState, T>(TState state, Func<SqliteReader, TState, T> read)
    {
        if (_closed)
        {
            throw new StoreException(StoreErrorCode.Unavailable, "the store is closed");
        }

        SqliteReader reader = _idle.TryTake(out SqliteReader? idle) ? idle : OpenReader();
        bool sound = false;
        try
        {
            T result = read(reader, state);
            sound = true;
            return result;
        }
        catch (StoreException e) when (e.Code is StoreErrorCode.Compacted or StoreErrorCode.FutureRevision)
        {
            sound = true;
            throw;
        }
        finally
        {
            // A read that failed midway leaves statements in the middle of their rows.
            if (sound)
            {
                _idle.Add(reader);
            }
            else
            {
                reader.Dispose();
            }

            if (_closed)
            {
                Dispose();
            }
        }
    }
}
