using System.Text;
using KubeLite.Storage.Embedded.Memory;
using KubeLite.Storage.Embedded.Sqlite;
using KubeLite.Storage.Etcd;
using KubeLite.Storage.Snapshots;
using KubeLite.Storage.Tests.Contract;
using KubeLite.Storage.Tests.Etcd;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.Storage.Tests.Snapshots;

public sealed class SnapshotTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _ct = Until.DeadlineToken();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Save_WhileOthersWrite_IsOfOneRevision()
    {
        string path = _folder.File("data.db");
        await using SqliteStore store = await OpenAsync(path);
        await FillAsync(store, 2000);
        long filled = await store.GetRevisionAsync(_ct);
        using CancellationTokenSource stop = new();
        Task writing = WriteAsync(store, stop.Token);
        await Until.TrueAsync(async () => await store.GetRevisionAsync(_ct) > filled, "others write");

        SnapshotSummary saved;
        await using (SqliteContents contents = await SqliteContents.OpenAsync(path, _ct))
        {
            saved = await SnapshotFile.SaveAsync(contents, _folder.File("snap"), TimeProvider.System, _ct);
        }

        await Until.TrueAsync(async () => await store.GetRevisionAsync(_ct) > saved.Revision, "others write on");
        await stop.CancelAsync();
        await writing;
        (long count, string sha256) = await ContentDigest.OfAsync(new LiveContents(store, saved.Revision), _ct);
        Assert.Equal((count, sha256), (saved.Count, saved.Sha256));
        Assert.True(await store.GetRevisionAsync(_ct) > saved.Revision);
        Assert.Equal(saved, await SnapshotFile.VerifyAsync(_folder.File("snap"), _ct));
    }

    [Theory]
    [InlineData("new.db")]
    [InlineData("new/folder/new.db")]
    public async Task Restore_ToSqlite_KeepsEveryRevisionAndNeverGoesBack(string file)
    {
        await using MemoryStore source = new(new MemoryStoreOptions(), TimeProvider.System);
        await FillAsync(source, 50);
        await source.PutAsync("/registry/masterleases/10.0.0.1", new byte[] { 1 }, 0, TimeSpan.FromHours(1), _ct);
        SnapshotSummary saved = await SaveAsync(source);

        long revision;
        await using (SnapshotContents contents = SnapshotContents.Open(_folder.File("snap")))
        {
            revision = await SqliteImport.CreateAsync(_folder.File(file), contents, saved.Revision + 1000, TimeProvider.System, _ct);
        }

        await using SqliteStore store = await OpenAsync(_folder.File(file));
        Assert.Equal(saved.Revision + 1000, revision);
        Assert.Equal(revision, await store.GetRevisionAsync(_ct));
        KeyValue before = (await source.GetAsync("/registry/pods/p7", _ct))!.Value,
            after = (await store.GetAsync("/registry/pods/p7", _ct))!.Value;
        Assert.Equal((before.CreateRevision, before.ModRevision, before.Version), (after.CreateRevision, after.ModRevision, after.Version));
        Assert.Null(await store.GetAsync("/registry/masterleases/10.0.0.1", _ct));
        StoreException old = await Assert.ThrowsAsync<StoreException>(
            () => store.RangeAsync(new RangeQuery { Prefix = "/registry/", Revision = saved.Revision }, _ct).AsTask());
        Assert.Equal(StoreErrorCode.Compacted, old.Code);
        Assert.Equal(revision + 1, (await store.PutAsync("/registry/pods/p7", new byte[] { 1 }, after.ModRevision, null, _ct)).Revision);
        (long count, string sha256) = await ContentDigest.OfAsync(new LiveContents(store, revision), _ct);
        Assert.Equal((saved.Count, saved.Sha256), (count, sha256));
    }

    [Fact]
    public async Task Restore_OverAFile_IsRefused()
    {
        await using MemoryStore source = new(new MemoryStoreOptions(), TimeProvider.System);
        await SaveAsync(source);
        await File.WriteAllTextAsync(_folder.File("new.db"), "", _ct);
        await using SnapshotContents contents = SnapshotContents.Open(_folder.File("snap"));

        StoreException e = await Assert.ThrowsAsync<StoreException>(
            () => SqliteImport.CreateAsync(_folder.File("new.db"), contents, 0, TimeProvider.System, _ct));

        Assert.Equal(StoreErrorCode.InvalidArgument, e.Code);
    }

    [SkippableFact]
    [Trait("Needs", "etcd")]
    public async Task Fill_Etcd_BringsRevisionsPastTheOldOnes()
    {
        using EtcdServer server = new();
        server.Start();
        await using EtcdStore store = await EtcdStore.ConnectAsync(
            new EtcdStoreOptions { Endpoints = [server.Url] }, TimeProvider.System, NullLogger<EtcdStore>.Instance, _ct);
        await using MemoryStore source = new(new MemoryStoreOptions(), TimeProvider.System);
        await FillAsync(source, 300);
        LiveContents contents = await LiveContents.OfAsync(source, _ct);

        long revision = await StoreFilling.FillAsync(store, contents, contents.Revision + 200, _ct);

        RangeResult all = await store.RangeAsync(RangeQuery.ForPrefix("/registry/"), _ct);
        Assert.Equal(300, all.Count);
        Assert.All(all.Items, pair => Assert.True(pair.ModRevision > contents.Revision + 200));
        Assert.Equal(await ContentDigest.OfAsync(contents, _ct), await ContentDigest.OfAsync(new LiveContents(store, revision), _ct));
        StoreException old = await Assert.ThrowsAsync<StoreException>(
            () => store.RangeAsync(new RangeQuery { Prefix = "/registry/", Revision = contents.Revision }, _ct).AsTask());
        Assert.Equal(StoreErrorCode.Compacted, old.Code);
        StoreException again = await Assert.ThrowsAsync<StoreException>(() => StoreFilling.FillAsync(store, contents, 0, _ct));
        Assert.Equal(StoreErrorCode.InvalidArgument, again.Code);
    }

    [Theory]
    [InlineData("cut", StoreErrorCode.Corrupt)]
    [InlineData("flip", StoreErrorCode.Corrupt)]
    [InlineData("other", StoreErrorCode.VersionMismatch)]
    [InlineData("missing", StoreErrorCode.Unavailable)]
    public async Task Verify_WhatIsNoSoundSnapshot_SaysSo(string fault, StoreErrorCode code)
    {
        await using MemoryStore source = new(new MemoryStoreOptions(), TimeProvider.System);
        await FillAsync(source, 100);
        await SaveAsync(source);
        string path = _folder.File("snap");
        byte[] file = await File.ReadAllBytesAsync(path, _ct);
        switch (fault)
        {
            case "cut":
                await File.WriteAllBytesAsync(path, file[..(file.Length * 2 / 3)], _ct);
                break;
            case "flip":
                file[file.Length / 2] ^= 4;
                await File.WriteAllBytesAsync(path, file, _ct);
                break;
            case "other":
                await File.WriteAllTextAsync(path, "something else", _ct);
                break;
            default:
                File.Delete(path);
                break;
        }

        StoreException e = await Assert.ThrowsAsync<StoreException>(() => SnapshotFile.VerifyAsync(path, _ct));

        Assert.Equal(code, e.Code);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static async Task FillAsync(IKeyValueStore store, int count)
    {
        for (int i = 0; i < count; i++)
        {
            await store.PutAsync(
                $"/registry/pods/p{i}", Encoding.UTF8.GetBytes($"value {i} {Guid.NewGuid()}"), 0, null, CancellationToken.None);
        }
    }

    private static async Task WriteAsync(SqliteStore store, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            await store.PutAsync($"/registry/pods/p{i % 2000}", Encoding.UTF8.GetBytes($"later {i}"), null, null, CancellationToken.None);
        }
    }

    private async Task<SnapshotSummary> SaveAsync(IKeyValueStore store) =>
        await SnapshotFile.SaveAsync(await LiveContents.OfAsync(store, _ct), _folder.File("snap"), TimeProvider.System, _ct);

    private Task<SqliteStore> OpenAsync(string path) =>
        SqliteStore.OpenAsync(new SqliteStoreOptions { Path = path }, TimeProvider.System, NullLogger<SqliteStore>.Instance, _ct);
}
