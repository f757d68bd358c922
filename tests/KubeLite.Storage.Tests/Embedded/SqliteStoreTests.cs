using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Embedded;

public sealed class SqliteBackend : IStoreBackend, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly TempFolder _folder = new();
    private SqliteStore? _store;

    public async Task InitializeAsync() => _store = await SqliteStore.OpenAsync(
        new SqliteStoreOptions { Path = _folder.File("data.db"), EventsInMemory = 50 },
        _time,
        NullLogger<SqliteStore>.Instance,
        CancellationToken.None);

    public ValueTask<IKeyValueStore> OpenAsync() => new(_store!);

    public void LetPass(TimeSpan time) => _time.Advance(time);

    public async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteStoreContractTests(SqliteBackend backend) : StoreContractTests<SqliteBackend>(backend);

public sealed class SqliteStoreModelTests(SqliteBackend backend, ITestOutputHelper output)
    : StoreModelTests<SqliteBackend>(backend, output);

public sealed class SqliteStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly CancellationToken _ct = Until.DeadlineToken();

    private string Path => _folder.File("data.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_Again_FindsEverything()
    {
        long revision;
        await using (SqliteStore store = await OpenAsync())
        {
            await store.PutAsync("/registry/a", new byte[] { 1 }, 0, null, _ct);
            await store.PutAsync("/registry/b", new byte[] { 2 }, 0, null, _ct);
            revision = (await store.DeleteAsync("/registry/a", null, _ct)).Revision;
        }

        await using SqliteStore again = await OpenAsync();
        Assert.Equal(revision, await again.GetRevisionAsync(_ct));
        Assert.Null(await again.GetAsync("/registry/a", _ct));
        Assert.Equal(new byte[] { 2 }, (await again.GetAsync("/registry/b", _ct))!.Value.Value.ToArray());
        RangeResult old = await again.RangeAsync(new RangeQuery { Prefix = "/registry/", Revision = revision - 1 }, _ct);
        Assert.Equal(2, old.Count);
        await foreach (StoreWatchBatch batch in again.WatchAsync("/registry/", 1, _ct))
        {
            Assert.Equal(3, batch.Events.Count);
            Assert.Equal(new byte[] { 1 }, batch.Events[2].PrevValue!.Value.Value.ToArray());
            break;
        }
    }

    [Fact]
    public async Task Open_NewestRevisionWasACompactedDeletion_KeepsCounting()
    {
        long revision;
        await using (SqliteStore store = await OpenAsync())
        {
            await store.PutAsync("/registry/a", new byte[] { 1 }, 0, null, _ct);
            revision = (await store.DeleteAsync("/registry/a", null, _ct)).Revision;
            await store.CompactAsync(revision, _ct);
        }

        await using SqliteStore again = await OpenAsync();
        Assert.Equal((revision, revision), (await again.GetRevisionAsync(_ct), again.CompactedRevision));
        Assert.Equal(revision + 1, (await again.PutAsync("/registry/a", new byte[] { 1 }, 0, null, _ct)).Revision);
    }

    [Fact]
    public async Task Open_FilesCopiedFromUnderARunningStore_HoldEveryAcknowledgedWrite()
    {
        // What is on disk at the moment of the acknowledgement is what a killed process leaves behind.
        await using SqliteStore store = await OpenAsync();
        for (int i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(
                async n => await store.PutAsync($"/registry/{i}-{n}", new byte[100], 0, null, _ct)));
        }

        File.Copy(Path, _folder.File("copy.db"));
        File.Copy(Path + "-wal", _folder.File("copy.db-wal"));
        await using SqliteStore copy = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Path = _folder.File("copy.db") }, _time, NullLogger<SqliteStore>.Instance, _ct);
        Assert.Equal(200, (await copy.RangeAsync(RangeQuery.ForPrefix("/registry/"), _ct)).Count);
    }

    [Fact]
    public async Task Open_UsedByAnother_SaysSo()
    {
        await using SqliteStore store = await OpenAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.InUse, e.Code);
        Assert.Equal($"the data file {Path} is used by another server: stop that one or choose another data folder", e.Message);
    }

    [Fact]
    public async Task Open_OtherFormat_SaysSo()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute("PRAGMA user_version = 7");

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.VersionMismatch, e.Code);
        Assert.Contains("has format 7, this program reads format 2", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Open_FileOfAnotherProgram_SaysSo()
    {
        Execute("CREATE TABLE theirs (x)");

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.VersionMismatch, e.Code);
    }

    [Fact]
    public async Task Open_NotADatabase_SaysDamaged()
    {
        await File.WriteAllTextAsync(Path, new string('x', 5000), _ct);

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.Corrupt, e.Code);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Open_DamagedPage_SaysDamaged()
    {
        await using (SqliteStore store = await OpenAsync())
        {
            for (int i = 0; i < 200; i++)
            {
                await store.PutAsync($"/registry/{i}", new byte[500], null, null, _ct);
            }
        }

        Assert.False(File.Exists(Path + "-wal"), "a clean close leaves one file");
        await using (FileStream file = new(Path, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = 4096;
            byte[] garbage = new byte[(file.Length - 4096) / 2];
            new Random(1).NextBytes(garbage);
            await file.WriteAsync(garbage, _ct);
        }

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.Corrupt, e.Code);
    }

    [Fact]
    public async Task Open_DamagedValue_SaysWhich()
    {
        await DamageValueAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(OpenAsync);

        Assert.Equal(StoreErrorCode.Corrupt, e.Code);
        Assert.Contains("/registry/second", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Read_DamagedValueOfALargeFile_FailsThereOnly()
    {
        await DamageValueAsync();
        await using SqliteStore store = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Path = Path, CheckAtStartMaxBytes = 0 }, _time, NullLogger<SqliteStore>.Instance, _ct);

        StoreException get = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("/registry/second", _ct).AsTask());
        StoreException range = await Assert.ThrowsAsync<StoreException>(
            () => store.RangeAsync(RangeQuery.ForPrefix("/registry/"), _ct).AsTask());
        StoreException delete = await Assert.ThrowsAsync<StoreException>(() => store.DeleteAsync("/registry/second", 1, _ct).AsTask());

        Assert.All([get, range, delete], e => Assert.Equal(StoreErrorCode.Corrupt, e.Code));
        Assert.NotNull(await store.GetAsync("/registry/first", _ct));
        Assert.True((await store.PutAsync("/registry/third", new byte[] { 1 }, 0, null, _ct)).Succeeded);
    }

    [Fact]
    public async Task Open_FormatBeforeChecksums_IsUpgraded()
    {
        await using (SqliteStore store = await OpenAsync())
        {
            await store.PutAsync("/registry/a", new byte[] { 1 }, 0, null, _ct);
        }

        await using (SqliteConnection connection = new($"Data Source={Path};Pooling=False"))
        {
            connection.Open();
            SqliteCommand command = connection.CreateCommand();
            command.CommandText = "ALTER TABLE log DROP COLUMN sum; PRAGMA user_version = 1";
            command.ExecuteNonQuery();
        }

        await using SqliteStore again = await OpenAsync();
        Assert.NotNull(await again.GetAsync("/registry/a", _ct));
        Assert.True((await again.PutAsync("/registry/a", new byte[] { 2 }, 2, null, _ct)).Succeeded);
        Assert.Equal(2, (await again.GetAsync("/registry/a", _ct))!.Value.Value.Span[0]);
    }

    private async Task DamageValueAsync()
    {
        byte[] text = global::System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("find me, ", 2000)));
        await using (SqliteStore store = await OpenAsync())
        {
            await store.PutAsync("/registry/first", new byte[100], 0, null, _ct);
            await store.PutAsync("/registry/second", text, 0, null, _ct);
        }

        byte[] file = await File.ReadAllBytesAsync(Path, _ct);
        int at = file.AsSpan().LastIndexOf("find me, find me, "u8);
        file[at] = (byte)'F';
        await File.WriteAllBytesAsync(Path, file, _ct);
    }

    [Fact]
    public async Task Open_FolderNotWritable_SaysSo()
    {
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => SqliteStore.OpenAsync(
            new SqliteStoreOptions { Path = "/proc/nowhere/data.db" }, _time, NullLogger<SqliteStore>.Instance, _ct));

        Assert.Equal(StoreErrorCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task Open_KeyExpiredMeanwhile_IsDeleted()
    {
        await using (SqliteStore store = await OpenAsync())
        {
            await store.PutAsync("/registry/a", new byte[] { 1 }, 0, TimeSpan.FromHours(1), _ct);
        }

        _time.Advance(TimeSpan.FromHours(2));
        await using SqliteStore again = await OpenAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(async () => await again.GetAsync("/registry/a", _ct) is null, "the key has expired");
    }

    [Fact]
    public async Task Writes_LongAfterOthers_CompactHistoryAutomatically()
    {
        await using SqliteStore store = await OpenAsync();
        for (int i = 0; i < 600; i++)
        {
            await store.PutAsync("/registry/a", new byte[] { 1 }, null, null, _ct);
        }

        _time.Advance(TimeSpan.FromMinutes(1));
        long old = (await store.PutAsync("/registry/a", new byte[] { 1 }, null, null, _ct)).Revision;
        _time.Advance(TimeSpan.FromMinutes(6));
        for (int i = 0; i < 10; i++)
        {
            await store.PutAsync("/registry/b", new byte[] { 1 }, null, null, _ct);
        }

        Assert.Equal(old, store.CompactedRevision);
        Assert.Equal(1, (await store.RangeAsync(new RangeQuery { Prefix = "/registry/", Revision = old }, _ct)).Count);
    }

    [Fact]
    public async Task Dispose_WritesUnderWay_AreAnsweredOneWayOrTheOther()
    {
        SqliteStore store = await OpenAsync();
        Task<bool>[] writes = [.. Enumerable.Range(0, 500).Select(async i =>
        {
            try
            {
                return (await store.PutAsync($"/registry/{i}", new byte[10], 0, null, _ct)).Succeeded;
            }
            catch (StoreException e) when (e.Code == StoreErrorCode.Unavailable)
            {
                return false;
            }
        })];
        await store.DisposeAsync();
        bool[] acknowledged = await Task.WhenAll(writes).WaitAsync(_ct);

        await using SqliteStore again = await OpenAsync();
        for (int i = 0; i < acknowledged.Length; i++)
        {
            Assert.True(!acknowledged[i] || await again.GetAsync($"/registry/{i}", _ct) is not null, $"write {i} was lost");
        }
    }

    private Task<SqliteStore> OpenAsync() => SqliteStore.OpenAsync(
        new SqliteStoreOptions { Path = Path }, _time, NullLogger<SqliteStore>.Instance, _ct);

    private void Execute(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Path};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
