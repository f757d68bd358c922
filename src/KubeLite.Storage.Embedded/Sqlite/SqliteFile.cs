using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KubeLite.Storage.Embedded.Sqlite;

/// <summary>The data file: its lock, its format, its connections.</summary>
/// <remarks><c>log</c> is the history, one row a revision, appended in order, so writing is sequential; version 0 marks a deletion,
/// prev_rev the row it follows (0: the key did not exist). <c>current</c> maps each living key to its newest row. There is no index
/// on (key, rev): a range at an old revision is the current keys corrected by the rows after that revision, and compaction walks the
/// log by revision and removes each row's predecessor, so neither ever searches per key. <c>sum</c> is the value's checksum
/// (<see cref="ValueChecksum"/>), null in rows that format 1 wrote.</remarks>
internal sealed class SqliteFile : IDisposable
{
    public const int FormatVersion = 2;

    // "KLST": says that a file is ours.
    private const int ApplicationId = 0x4B4C5354;

    private const string Schema =
        """
        CREATE TABLE log (
            rev INTEGER PRIMARY KEY,
            key TEXT NOT NULL,
            create_rev INTEGER NOT NULL,
            version INTEGER NOT NULL,
            prev_rev INTEGER NOT NULL,
            expires INTEGER,
            value BLOB,
            sum INTEGER);
        CREATE INDEX log_expires ON log (expires) WHERE expires IS NOT NULL;
        CREATE TABLE current (
            key TEXT PRIMARY KEY,
            rev INTEGER NOT NULL,
            create_rev INTEGER NOT NULL,
            version INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('compacted', 0);
        """;

    private readonly FileStream? _lock;

    private SqliteFile(string path, FileStream? @lock)
    {
        Path = path;
        _lock = @lock;
    }

    public string Path { get; }

    /// <summary>Locks, opens, checks and if need be makes the file.</summary>
    /// <exception cref="StoreException">InUse, VersionMismatch, Corrupt, Unavailable; one line that says what to do.</exception>
    public static SqliteFile Open(SqliteStoreOptions options, out SqliteConnection writer)
    {
        string full = System.IO.Path.GetFullPath(options.Path);
        FileStream @lock = Lock(full);
        SqliteFile file = new(full, @lock);
        try
        {
            CreatePrivate(full);
            writer = file.Connect();
            try
            {
                file.Prepare(writer, options.CheckAtStartMaxBytes);
            }
            catch
            {
                writer.Dispose();
                throw;
            }

            return file;
        }
        catch (SqliteException e)
        {
            file.Dispose();
            throw SqliteErrors.Translate(e, full);
        }
        catch (IOException e)
        {
            file.Dispose();
            throw CannotOpen(full, e);
        }
        catch (StoreException)
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file that another process may be writing to, for reading.</summary>
    /// <exception cref="StoreException">Unavailable, VersionMismatch; one line that says what to do.</exception>
    public static SqliteFile OpenBeside(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new StoreException(StoreErrorCode.Unavailable, $"there is no data file {full}: name the one of the cluster");
        }

        SqliteFile file = new(full, null);
        try
        {
            using SqliteConnection connection = file.Connect();
            long version = Scalar(connection, "PRAGMA user_version");
            return Scalar(connection, "PRAGMA application_id") == ApplicationId && version == FormatVersion
                ? file
                : throw new StoreException(
                    StoreErrorCode.VersionMismatch,
                    $"the file {full} is no data file of format {FormatVersion}: start its server once, or name another");
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.Translate(e, full);
        }
    }

    /// <summary>Opens one more connection.</summary>
    public SqliteConnection Connect()
    {
        SqliteConnectionStringBuilder builder = new() { DataSource = Path, Pooling = false, DefaultTimeout = 30 };
        SqliteConnection connection = new(builder.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw SqliteErrors.Translate(e, Path);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _lock?.Dispose();

    private static FileStream Lock(string path)
    {
        try
        {
            string? folder = System.IO.Path.GetDirectoryName(path);
            if (folder is not null && !Directory.Exists(folder))
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(folder);
                }
                else
                {
                    Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotOpen(path, e);
        }

        try
        {
            // The operating system drops this lock with the process, however it ends.
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw CannotOpen(path, e);
        }
        catch (IOException e)
        {
            throw new StoreException(
                StoreErrorCode.InUse,
                $"the data file {path} is used by another server: stop that one or choose another data folder", e);
        }
    }

    private static void CreatePrivate(string path)
    {
        if (!File.Exists(path))
        {
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(path, options).Dispose();
        }
    }

    private static StoreException CannotOpen(string path, Exception e) => new(
        StoreErrorCode.Unavailable, $"the data file {path} can't be opened ({e.Message}): check its folder and permissions", e);

    private void Prepare(SqliteConnection connection, long checkMaxBytes)
    {
        Execute(connection, "PRAGMA trusted_schema = OFF");
        long applicationId = Scalar(connection, "PRAGMA application_id");
        long version = Scalar(connection, "PRAGMA user_version");
        if (applicationId == 0 && version == 0 && Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(
                connection,
                $"BEGIN IMMEDIATE; {Schema} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {FormatVersion}; COMMIT");
        }
        else if (applicationId != ApplicationId)
        {
            throw new StoreException(
                StoreErrorCode.VersionMismatch, $"the file {Path} is an SQLite file of another program: choose another data folder");
        }
        else if (version == 1)
        {
            Execute(connection, $"BEGIN IMMEDIATE; ALTER TABLE log ADD COLUMN sum INTEGER; PRAGMA user_version = {FormatVersion}; COMMIT");
        }
        else if (version != FormatVersion)
        {
            throw new StoreException(
                StoreErrorCode.VersionMismatch,
                $"the data file {Path} has format {version}, this program reads format {FormatVersion}: "
                + "use the version that wrote it or choose another data folder");
        }

        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA synchronous = FULL");
        Execute(connection, "PRAGMA wal_autocheckpoint = 4000");
        Execute(connection, "PRAGMA journal_size_limit = 67108864");
        Execute(connection, "PRAGMA cache_size = -16384");
        if (new FileInfo(Path).Length <= checkMaxBytes)
        {
            QuickCheck(connection);
        }
    }

    private void QuickCheck(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        string? result = Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (result != "ok")
        {
            string line = (result ?? "").ReplaceLineEndings(" ");
            throw new StoreException(StoreErrorCode.Corrupt, $"the data file {Path} is damaged ({line}): restore it from a snapshot");
        }

        CheckValues(connection);
    }

    /// <summary>The values of living keys; a larger file's are checked as they are read.</summary>
    private void CheckValues(SqliteConnection connection)
    {
        using SqliteStatement values = new(
            connection.Handle!, Path, "SELECT c.key, c.rev, l.value, l.sum FROM current c LEFT JOIN log l ON l.rev = c.rev");
        while (values.Step())
        {
            if (!values.IsNull(3))
            {
                ValueChecksum.Verify(values.Integer(3), values.Text(0), values.Integer(1), values.BlobSpan(2), Path);
            }
        }
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
