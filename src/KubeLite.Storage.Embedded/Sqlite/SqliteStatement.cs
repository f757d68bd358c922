using System.Buffers;
using System.Text;
using SQLitePCL;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>
/// A prepared statement without the boxing of ADO.NET. For one thread at a time; parameters count from 1, columns from 0.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const uint Persistent = 1;
    private const int StackBytes = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly string _path;

    public SqliteStatement(sqlite3 database, string path, string sql)
    {
        _database = database;
        _path = path;
        SqliteErrors.Check(raw.sqlite3_prepare_v3(database, sql, Persistent, out _statement), database, path);
    }

    public SqliteStatement Bind(int index, long value)
    {
        SqliteErrors.Check(raw.sqlite3_bind_int64(_statement, index, value), _database, _path);
        return this;
    }

    public SqliteStatement Bind(int index, string text)
    {
        // By length, not by terminator: the start of a page ends with a zero character.
        int max = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = max > StackBytes ? ArrayPool<byte>.Shared.Rent(max) : null;
        Span<byte> buffer = rented ?? stackalloc byte[StackBytes];
        int length = Encoding.UTF8.GetBytes(text, buffer);
        int code = raw.sqlite3_bind_text(_statement, index, buffer[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        SqliteErrors.Check(code, _database, _path);
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> blob)
    {
        SqliteErrors.Check(raw.sqlite3_bind_blob(_statement, index, blob), _database, _path);
        return this;
    }

    public SqliteStatement BindNull(int index)
    {
        SqliteErrors.Check(raw.sqlite3_bind_null(_statement, index), _database, _path);
        return this;
    }

    /// <summary>Goes to the next row; false when there is none. Call <see cref="Reset"/> after the last row that was wanted.</summary>
    public bool Step()
    {
        int code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            try
            {
                SqliteErrors.Check(code, _database, _path);
            }
            finally
            {
                raw.sqlite3_reset(_statement);
            }
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Runs a statement that returns no rows.</summary>
    public void Run()
    {
        Step();
        Reset();
    }

    public void Reset() => raw.sqlite3_reset(_statement);

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public byte[] Blob(int column) => raw.sqlite3_column_blob(_statement, column).ToArray();

    /// <summary>The bytes where SQLite has them; good until the next step.</summary>
    public ReadOnlySpan<byte> BlobSpan(int column) => raw.sqlite3_column_blob(_statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public void Dispose() => _statement.Dispose();
}
