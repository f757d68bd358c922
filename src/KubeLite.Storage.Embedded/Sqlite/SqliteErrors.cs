using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>Turns SQLite's result codes into the store's.</summary>
internal static class SqliteErrors
{
    /// <summary>Throws unless the code means success, a row, or done.</summary>
    public static void Check(int code, sqlite3 database, string path)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw Translate(code, raw.sqlite3_errmsg(database).utf8_to_string(), path, null);
        }
    }

    public static StoreException Translate(SqliteException e, string path) => Translate(e.SqliteErrorCode, e.Message, path, e);

    private static StoreException Translate(int code, string message, string path, Exception? inner) => (code & 0xff) switch
    {
        raw.SQLITE_FULL => new StoreException(
            StoreErrorCode.NoSpace, $"the disk of {path} is full: make room, writes go on by themselves", inner),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => new StoreException(
            StoreErrorCode.Corrupt, $"the data file {path} is damaged ({message}): restore it from a snapshot", inner),
        raw.SQLITE_TOOBIG => new StoreException(StoreErrorCode.TooLarge, $"a value is too large for {path}", inner),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StoreException(
            StoreErrorCode.InUse, $"the data file {path} is used by another program: stop it", inner),
        raw.SQLITE_CANTOPEN or raw.SQLITE_PERM or raw.SQLITE_READONLY => new StoreException(
            StoreErrorCode.Unavailable, $"the data file {path} can't be opened for writing ({message}): check its folder and permissions",
            inner),
        _ => new StoreException(StoreErrorCode.Unavailable, $"the data file {path} failed: {message} (SQLite code {code})", inner),
    };
}
