using System.Text;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Etcd;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Etcd;

public sealed class EtcdBackend : IStoreBackend, IAsyncLifetime
{
    private readonly EtcdServer _server = new();
    private EtcdStore? _store;

    public Task InitializeAsync() => Task.CompletedTask;

    public async ValueTask<IKeyValueStore> OpenAsync()
    {
        if (_store is null)
        {
            _server.Start();
            _store = await EtcdStore.ConnectAsync(
                new EtcdStoreOptions { Endpoints = [_server.Url], PreviousValues = true, ConnectTimeout = Until.Deadline },
                TimeProvider.System,
                NullLogger<EtcdStore>.Instance,
                Until.DeadlineToken());
        }

        return _store;
    }

    public void LetPass(TimeSpan time)
    {
        // etcd has its own clock; the test waits for the condition.
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _server.Dispose();
    }
}

[Trait("needs", "etcd")]
public sealed class EtcdStoreContractTests(EtcdBackend backend) : StoreContractTests<EtcdBackend>(backend);

[Trait("needs", "etcd")]
public sealed class EtcdStoreModelTests(EtcdBackend backend, ITestOutputHelper output) : StoreModelTests<EtcdBackend>(backend, output);

[Trait("needs", "etcd")]
public sealed class EtcdStoreTests : IDisposable
{
    private readonly EtcdServer _server = new();
    private readonly CancellationToken _ct = Until.DeadlineToken();

    public void Dispose() => _server.Dispose();

    [SkippableFact]
    public async Task Watch_ServerRestarts_GoesOnWithoutGap()
    {
        await using EtcdStore store = await ConnectAsync();
        long start = await store.GetRevisionAsync(_ct);
        await using IAsyncEnumerator<StoreWatchBatch> watch = store.WatchAsync("/registry/", start, _ct).GetAsyncEnumerator(_ct);
        List<string> seen = [];
        await store.PutAsync("/registry/a", new byte[] { 1 }, null, null, _ct);
        await ReadAsync(watch, seen, 1);

        _server.Kill();
        StoreException down = await Assert.ThrowsAsync<StoreException>(async () => await store.CheckHealthAsync(_ct));
        Assert.True(down.Code is StoreErrorCode.Unavailable or StoreErrorCode.Timeout);
        Task<bool> next = watch.MoveNextAsync().AsTask();
        _server.Start();
        await Until.TrueAsync(async () => await HealthyAsync(store), "etcd is back");
        await store.DeleteAsync("/registry/a", null, _ct);
        await store.PutAsync("/registry/b", new byte[] { 1 }, null, null, _ct);

        Assert.True(await next);
        seen.AddRange(watch.Current.Events.Select(e => $"{e.Type} {e.KeyValue.Key}"));
        await ReadAsync(watch, seen, 3);
        Assert.Equal(["Put /registry/a", "Delete /registry/a", "Put /registry/b"], seen);
    }

    [SkippableFact]
    public async Task Watch_CompactedWhileServerWasAway_SaysCompacted()
    {
        await using EtcdStore store = await ConnectAsync();
        long start = (await store.PutAsync("/registry/a", new byte[] { 1 }, null, null, _ct)).Revision;
        long deleted = (await store.DeleteAsync("/registry/a", null, _ct)).Revision;
        await store.CompactAsync(deleted, _ct);

        // The deletion at the compact revision is gone from etcd: starting just before it would miss it in silence.
        StoreException e = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await foreach (StoreWatchBatch batch in store.WatchAsync("/registry/", start, _ct))
            {
                Assert.Fail($"got a batch at {batch.Revision}");
            }
        });

        Assert.Equal((StoreErrorCode.Compacted, deleted), (e.Code, e.CompactRevision));
    }

    [SkippableFact]
    public async Task Connect_FirstMemberDown_UsesTheSecond()
    {
        _server.Start();
        await using EtcdStore store = await EtcdStore.ConnectAsync(
            Options() with { Endpoints = [$"http://127.0.0.1:{EtcdServer.FreePort()}", _server.Url] },
            TimeProvider.System,
            NullLogger<EtcdStore>.Instance,
            _ct);

        Assert.True((await store.PutAsync("/registry/a", new byte[] { 1 }, 0, null, _ct)).Succeeded);
    }

    [Fact]
    public async Task Connect_NothingThere_SaysWhatToDo()
    {
        string url = $"http://127.0.0.1:{EtcdServer.FreePort()}";

        StoreException e = await Assert.ThrowsAsync<StoreException>(() => EtcdStore.ConnectAsync(
            new EtcdStoreOptions { Endpoints = [url], ConnectTimeout = TimeSpan.FromMilliseconds(300) },
            TimeProvider.System,
            NullLogger<EtcdStore>.Instance,
            _ct));

        Assert.Equal(StoreErrorCode.Unavailable, e.Code);
        Assert.Equal($"etcd does not answer at {url}: start it or correct --etcd-servers", e.Message);
    }

    [Theory]
    [InlineData("nonsense://x", null, "is not the URL of an etcd server")]
    [InlineData("https://127.0.0.1:1", "missing.pem", "check --etcd-cafile")]
    public async Task Connect_WrongOptions_SaysWhich(string url, string? ca, string expected)
    {
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => EtcdStore.ConnectAsync(
            new EtcdStoreOptions { Endpoints = [url], CaFile = ca }, TimeProvider.System, NullLogger<EtcdStore>.Instance, _ct));

        Assert.Equal(StoreErrorCode.InvalidArgument, e.Code);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [SkippableFact]
    public async Task Prefix_Other_IsUsedInEtcdAndInvisibleToCallers()
    {
        _server.Start();
        await using EtcdStore mapped = await EtcdStore.ConnectAsync(
            Options() with { Prefix = "/cluster-a" }, TimeProvider.System, NullLogger<EtcdStore>.Instance, _ct);
        await using EtcdStore plain = await ConnectAsync(start: false);

        long start = await mapped.GetRevisionAsync(_ct);
        await mapped.PutAsync("/registry/pods/a", "x"u8.ToArray(), 0, null, _ct);
        await plain.PutAsync("/registry/pods/theirs", "x"u8.ToArray(), 0, null, _ct);
        await mapped.PutAsync("/registry/pods/b", "x"u8.ToArray(), 0, null, _ct);

        Assert.NotNull(await plain.GetAsync("/cluster-a/pods/a", _ct));
        Assert.Equal(
            ["/registry/pods/a", "/registry/pods/b"],
            (await mapped.RangeAsync(RangeQuery.ForPrefix("/registry/"), _ct)).Items.Select(item => item.Key));
        List<string> seen = [];
        await using IAsyncEnumerator<StoreWatchBatch> watch = mapped.WatchAsync("/registry/", start, _ct).GetAsyncEnumerator(_ct);
        await ReadAsync(watch, seen, 2);
        Assert.Equal(["Put /registry/pods/a", "Put /registry/pods/b"], seen);
    }

    [SkippableFact]
    public async Task RunCompaction_TwoServers_OneCompactsToTheRevisionAnIntervalAgo()
    {
        await using EtcdStore one = await ConnectAsync();
        await using EtcdStore two = await ConnectAsync(start: false);
        long old = (await one.PutAsync("/registry/a", "1"u8.ToArray(), null, null, _ct)).Revision;
        using CancellationTokenSource stop = new();
        Task[] loops =
        [
            one.RunCompactionAsync(TimeSpan.FromMilliseconds(100), stop.Token),
            two.RunCompactionAsync(TimeSpan.FromMilliseconds(100), stop.Token),
        ];

        await Until.TrueAsync(() => Math.Max(one.CompactedRevision, two.CompactedRevision) >= old, "history is compacted");
        await stop.CancelAsync();
        await Task.WhenAll(loops).WaitAsync(_ct);

        KeyValue counter = Assert.NotNull(await one.GetAsync("compact_rev_key", _ct));
        Assert.True(long.Parse(Encoding.UTF8.GetString(counter.Value.Span)) >= old);
    }

    [SkippableFact]
    public async Task WatchCache_OnEtcd_ReadsConsistently()
    {
        await using EtcdStore store = await ConnectAsync();
        await using WatchCache cache = new(store, TimeProvider.System, NullLogger<WatchCache>.Instance);
        ResourceCache pods = cache.Open(new ResourceCacheOptions { KeyPrefix = "/registry/pods/", Namespaced = true });
        await pods.WaitReadyAsync(_ct);
        for (int i = 0; i < 50; i++)
        {
            await store.PutAsync($"/registry/pods/ns/p{i}", "{\"metadata\":{}}"u8.ToArray(), 0, null, _ct);
            Assert.Equal(i + 1, (await pods.ReadConsistentAsync(_ct)).Count);
        }

        // Writes that the cache does not watch must not make a consistent read wait in vain.
        await store.PutAsync("compact_rev_key", "x"u8.ToArray(), null, null, _ct);
        Assert.Equal(50, (await pods.ReadConsistentAsync(_ct)).Count);
    }

    [Theory]
    [InlineData("3.4.23", false)]
    [InlineData("3.4.31", true)]
    [InlineData("3.5.12", false)]
    [InlineData("3.5.13-rc.1", true)]
    [InlineData("3.6.0", true)]
    [InlineData("4.0.0", true)]
    [InlineData("unknown", false)]
    public void ProgressIsReliable_Version_AsFixedInEtcd(string version, bool expected) =>
        Assert.Equal(expected, EtcdVersions.ProgressIsReliable(version));

    private static async Task ReadAsync(IAsyncEnumerator<StoreWatchBatch> watch, List<string> seen, int count)
    {
        while (seen.Count < count)
        {
            Assert.True(await watch.MoveNextAsync());
            seen.AddRange(watch.Current.Events.Select(e => $"{e.Type} {e.KeyValue.Key}"));
        }
    }

    private static async ValueTask<bool> HealthyAsync(EtcdStore store)
    {
        try
        {
            await store.CheckHealthAsync(CancellationToken.None);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private EtcdStoreOptions Options() => new() { Endpoints = [_server.Url], ConnectTimeout = Until.Deadline };

    private Task<EtcdStore> ConnectAsync(bool start = true)
    {
        if (start)
        {
            _server.Start();
        }

        return EtcdStore.ConnectAsync(Options(), TimeProvider.System, NullLogger<EtcdStore>.Instance, _ct);
    }
}
