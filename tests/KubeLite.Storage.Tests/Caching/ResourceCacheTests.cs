using KubeLite.Storage.Caching;
using KubeLite.Storage.Tests.Contract;
using Xunit;

namespace KubeLite.Storage.Tests.Caching;

public sealed class ResourceCacheTests : IAsyncLifetime
{
    private readonly CacheFixture _f = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _f.DisposeAsync();

    [Fact]
    public async Task ReadConsistent_AfterWrite_SeesIt()
    {
        ResourceCache pods = await _f.OpenAsync();
        for (int i = 0; i < 100; i++)
        {
            long written = await _f.PutAsync("ns", $"p{i}", "web");

            CacheSnapshot snapshot = await pods.ReadConsistentAsync(_f.Token);

            Assert.True(snapshot.Revision >= written);
            Assert.Equal(i + 1, snapshot.Count);
            Assert.Equal(written, snapshot.Find("ns", $"p{i}")!.Revision);
        }
    }

    [Fact]
    public async Task ReadConsistent_OnlyOtherKeysWritten_ReachesTheirRevision()
    {
        ResourceCache pods = await _f.OpenAsync();
        long outside = (await _f.Store.PutAsync("/elsewhere", new byte[] { 1 }, null, null, _f.Token)).Revision;

        CacheSnapshot snapshot = await pods.ReadConsistentAsync(_f.Token);

        Assert.Equal(outside, snapshot.Revision);
    }

    [Fact]
    public async Task Read_RevisionNeverReached_TimesOutAsTooLarge()
    {
        ResourceCache pods = await _f.OpenAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await pods.ReadAsync(1_000_000, _f.Token));

        Assert.Equal(StoreErrorCode.Timeout, e.Code);
        Assert.StartsWith("Too large resource version: 1000000, current: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadConsistent_StoreDown_Throws()
    {
        ResourceCache pods = await _f.OpenAsync();
        _f.Store.FailRevision = true;

        StoreException e = await Assert.ThrowsAsync<StoreException>(async () => await pods.ReadConsistentAsync(_f.Token));

        Assert.Equal(StoreErrorCode.Unavailable, e.Code);
    }

    [Fact]
    public async Task TryGetAt_KeptRevision_IsExact()
    {
        ResourceCache pods = await _f.OpenAsync();
        long first = await _f.PutAsync("ns", "a", "web");
        await pods.WaitForAsync(first, _f.Token);
        long other = (await _f.Store.PutAsync("/registry/other/x", "{}"u8.ToArray(), null, null, _f.Token)).Revision;
        long second = await _f.PutAsync("ns", "b", "web");
        await pods.WaitForAsync(second, _f.Token);

        Assert.Equal((first, 1), (pods.TryGetAt(first)!.Revision, pods.TryGetAt(first)!.Count));
        Assert.Equal((other, 1), (pods.TryGetAt(other)!.Revision, pods.TryGetAt(other)!.Count));
        Assert.Equal((second, 2), (pods.TryGetAt(second)!.Revision, pods.TryGetAt(second)!.Count));
        Assert.Null(pods.TryGetAt(second + 1));
    }

    [Fact]
    public async Task TryGetAt_BeforeTheList_IsNull()
    {
        long before = await _f.PutAsync("ns", "a", "web");
        await _f.PutAsync("ns", "b", "web");
        ResourceCache pods = await _f.OpenAsync();

        Assert.Null(pods.TryGetAt(before));
    }

    [Fact]
    public async Task Pin_ManyWritesLater_SnapshotIsStillThere()
    {
        ResourceCache pods = await _f.OpenAsync();
        await _f.PutAsync("ns", "pinned", "web");
        CacheSnapshot snapshot = await pods.ReadConsistentAsync(_f.Token);
        pods.Pin(snapshot);
        long dropped = await _f.PutAsync("ns", "b", "web");
        await pods.WaitForAsync(dropped, _f.Token);
        long last = 0;
        for (int i = 0; i < 1200; i++)
        {
            last = await _f.PutAsync("ns", "b", "web");
            await pods.WaitForAsync(last, _f.Token);
        }

        Assert.Same(snapshot, pods.TryGetAt(snapshot.Revision));
        Assert.Null(pods.TryGetAt(dropped));
    }

    [Fact]
    public async Task Snapshot_Held_DoesNotChange()
    {
        ResourceCache pods = await _f.OpenAsync();
        await _f.PutAsync("ns", "a", "web");
        CacheSnapshot held = await pods.ReadConsistentAsync(_f.Token);
        await _f.DeleteAsync("ns", "a");
        CacheSnapshot later = await pods.ReadConsistentAsync(_f.Token);

        Assert.Equal((1, 0), (held.Count, later.Count));
    }

    [Fact]
    public async Task Open_WhileOthersWrite_JoinsWithoutGap()
    {
        ResourceCache first = await _f.OpenAsync(CacheFixture.Pods with { KeyPrefix = "/registry/first/" });
        using CancellationTokenSource stop = new();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                await _f.PutAsync("ns", $"p{i % 500}", "web");
                if (i % 3 == 0)
                {
                    await _f.DeleteAsync("ns", $"p{(i + 250) % 500}");
                }

                if (i % 100 == 0)
                {
                    // No writer outruns the feed for long: reads give up on one that is seconds behind.
                    await first.ReadConsistentAsync(_f.Token);
                }
            }
        });

        for (int round = 0; round < 20; round++)
        {
            ResourceCache pods = await _f.OpenAsync();
            CacheSnapshot snapshot = await pods.ReadConsistentAsync(_f.Token);
            RangeResult truth = await _f.Store.RangeAsync(
                new RangeQuery { Prefix = "/registry/pods/", Revision = snapshot.Revision }, _f.Token);
            Assert.Equal(truth.Items.Select(pair => (pair.Key, pair.ModRevision)), Entries(snapshot));
            _f.Cache.Close("/registry/pods/");
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task Open_EventsDuringTheList_AreApplied()
    {
        await _f.OpenAsync(CacheFixture.Pods with { KeyPrefix = "/registry/first/" });
        await _f.PutAsync("ns", "a", "one");
        await _f.PutAsync("ns", "gone", "one");
        TaskCompletionSource written = new();
        _f.Store.AroundRange = (_, after) => after ? written.Task : Task.CompletedTask;

        ResourceCache pods = _f.Cache.Open(CacheFixture.Pods);
        Assert.Equal(StoreErrorCode.Unavailable, Assert.Throws<StoreException>(() => pods.Current).Code);
        await _f.PutAsync("ns", "a", "two");
        long last = await _f.DeleteAsync("ns", "gone");
        await Until.TrueAsync(() => _f.Cache.LastRevision >= last, "the hub has seen the writes");
        written.SetResult();
        CacheSnapshot snapshot = await pods.ReadAsync(last, _f.Token);

        Assert.Equal("two", snapshot.Find("ns", "a")!.Labels["app"]);
        Assert.Equal(1, snapshot.Count);
    }

    [Fact]
    public async Task Open_ListFails_TriesAgain()
    {
        int failures = 3;
        _f.Store.AroundRange = (_, after) => !after && Interlocked.Decrement(ref failures) >= 0
            ? throw new StoreException(StoreErrorCode.Unavailable, "down")
            : Task.CompletedTask;

        ResourceCache pods = await _f.OpenAsync();

        Assert.Equal(0, pods.Current.Count);
    }

    [Fact]
    public async Task StoreWatchLost_WithoutCompaction_WatchersGoOn()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.PutAsync("ns", "a", "web");
        await pods.WaitForAsync(start, _f.Token);
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = start }, _f.Token);
        TaskCompletionSource gate = new();
        _f.Store.WatchGate = gate.Task;
        _f.Store.CutWatch();

        long one = await _f.PutAsync("ns", "b", "web");
        long two = await _f.DeleteAsync("ns", "a");
        gate.SetResult();

        Assert.Equal([$"Added b web {one}", $"Deleted a web {two}"], await _f.ReadAsync(watcher, 2));
        Assert.Equal(WatcherEnd.None, watcher.End);
    }

    [Fact]
    public async Task StoreWatchLost_Compacted_ListsAnewAndWatchersExpire()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.PutAsync("ns", "a", "web");
        await pods.WaitForAsync(start, _f.Token);
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = start }, _f.Token);
        TaskCompletionSource gate = new();
        _f.Store.WatchGate = gate.Task;
        _f.Store.CutWatch();

        await _f.DeleteAsync("ns", "a");
        long last = await _f.PutAsync("ns", "b", "web");
        await _f.Store.CompactAsync(last, _f.Token);
        gate.SetResult();

        Assert.Empty(await _f.ReadAsync(watcher, 1));
        Assert.Equal(WatcherEnd.Expired, watcher.End);
        CacheSnapshot snapshot = await pods.ReadAsync(last, _f.Token);
        Assert.Equal(["/registry/pods/ns/b"], Entries(snapshot).Select(e => e.Key));
        Assert.Equal(
            StoreErrorCode.Compacted,
            (await Assert.ThrowsAsync<StoreException>(
                async () => await pods.WatchAsync(new WatchRequest { AfterRevision = start }, _f.Token))).Code);
        using Watcher again = await pods.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, _f.Token);
        long next = await _f.PutAsync("ns", "c", "web");
        Assert.Equal([$"Added c web {next}"], await _f.ReadAsync(again, 1));
    }

    [Fact]
    public async Task Open_UnreadableObject_IsLeftOut()
    {
        await _f.Store.PutAsync("/registry/pods/ns/bad", "not json"u8.ToArray(), null, null, _f.Token);
        await _f.PutAsync("ns", "good", "web");
        ResourceCache pods = await _f.OpenAsync();

        Assert.Equal(1, pods.Current.Count);
        long worse = (await _f.Store.PutAsync("/registry/pods/ns/good", "[]"u8.ToArray(), null, null, _f.Token)).Revision;
        Assert.Equal(0, (await pods.ReadAsync(worse, _f.Token)).Count);
    }

    private static IEnumerable<(string Key, long ModRevision)> Entries(CacheSnapshot snapshot)
    {
        List<(string, long)> entries = [];
        foreach (CacheEntry entry in snapshot.All)
        {
            entries.Add((entry.Key, entry.Revision));
        }

        return entries;
    }
}
