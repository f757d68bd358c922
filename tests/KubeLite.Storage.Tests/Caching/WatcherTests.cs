using System.Text;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Tests.Contract;
using Xunit;

namespace KubeLite.Storage.Tests.Caching;

public sealed class WatcherTests : IAsyncLifetime
{
    private readonly CacheFixture _f = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _f.DisposeAsync();

    [Fact]
    public async Task Watch_LabelChanges_EntersAndLeavesTheSelection()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher watcher = await pods.WatchAsync(
            new WatchRequest { AfterRevision = start, Predicate = e => e.Labels.GetValueOrDefault("app") == "web" }, _f.Token);

        await _f.PutAsync("ns", "a", "db");
        await _f.PutAsync("ns", "a", "web");
        await _f.PutAsync("ns", "a", "web");
        long left = await _f.PutAsync("ns", "a", "db");
        await _f.DeleteAsync("ns", "a");
        await _f.PutAsync("ns", "b", "web");
        await _f.DeleteAsync("ns", "b");

        Assert.Equal(
            [
                $"Added a web {start + 2}", $"Modified a web {start + 3}", $"Deleted a web {left}", $"Added b web {start + 6}",
                $"Deleted b web {start + 7}",
            ],
            await _f.ReadAsync(watcher, 5));
    }

    [Fact]
    public async Task Watch_Deleted_CarriesLastContentAtDeletionRevision()
    {
        ResourceCache pods = await _f.OpenAsync();
        long put = await _f.PutAsync("ns", "a", "web");
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = put }, _f.Token);

        long deleted = await _f.DeleteAsync("ns", "a");

        Assert.True(await watcher.WaitToReadAsync(_f.Token));
        Assert.True(watcher.TryRead(out CacheEvent? e));
        Assert.Equal((CacheEventType.Deleted, deleted, deleted), (e.Type, e.Revision, e.Entry.Revision));
        string expected = CacheFixture.PodJson("ns", "a", "web")
            .Replace("\"u-a\"", $"\"u-a\",\"resourceVersion\":\"{deleted}\"", StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetString(e.Entry.Json.Span));
        Assert.Equal(put, e.Previous!.Revision);
    }

    [Fact]
    public async Task Watch_SameType_SharesOneEventAndItsSlots()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher one = await pods.WatchAsync(new WatchRequest { AfterRevision = start }, _f.Token);
        using Watcher two = await pods.WatchAsync(new WatchRequest { AfterRevision = start, Namespace = "ns" }, _f.Token);

        await _f.PutAsync("ns", "a", "web");

        Assert.True(await one.WaitToReadAsync(_f.Token));
        Assert.True(await two.WaitToReadAsync(_f.Token));
        Assert.True(one.TryRead(out CacheEvent? first));
        Assert.True(two.TryRead(out CacheEvent? second));
        Assert.Same(first, second);
        object slot = new();
        Assert.Same(first.GetOrAdd(slot, _ => new object()), second.GetOrAdd(slot, _ => new object()));
    }

    [Theory]
    [InlineData("ns1", null, null, "x1 x2")]
    [InlineData("ns1", "x1", null, "x1")]
    [InlineData(null, null, "n2", "x2 y1")]
    [InlineData("ns2", null, "n2", "y1")]
    public async Task Watch_Scoped_SeesOnlyItsSlice(string? ns, string? name, string? node, string expected)
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher watcher = await pods.WatchAsync(
            new WatchRequest
            {
                AfterRevision = start,
                Namespace = ns,
                Name = name,
                IndexField = node is null ? null : "spec.nodeName",
                IndexValue = node,
            },
            _f.Token);

        await _f.PutAsync("ns1", "x1", "web", "n1");
        await _f.PutAsync("ns1", "x2", "web", "n2");
        long last = await _f.PutAsync("ns2", "y1", "web", "n2");
        await pods.WaitForAsync(last, _f.Token);

        string[] names = expected.Split(' ');
        Assert.Equal(names, (await _f.ReadAsync(watcher, names.Length)).Select(e => e.Split(' ')[1]));
        Assert.False(watcher.TryRead(out _));
        Assert.True(watcher.TryGetProgress(out long progress));
        Assert.Equal(last, progress);
    }

    [Fact]
    public async Task Watch_IndexedFieldChanges_LeavesOneNodeAndEntersTheOther()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.PutAsync("ns", "a", "web", "n1");
        using Watcher n1 = await pods.WatchAsync(
            new WatchRequest { AfterRevision = start, IndexField = "spec.nodeName", IndexValue = "n1" }, _f.Token);
        using Watcher n2 = await pods.WatchAsync(
            new WatchRequest { AfterRevision = start, IndexField = "spec.nodeName", IndexValue = "n2" }, _f.Token);

        long moved = await _f.PutAsync("ns", "a", "web", "n2");

        Assert.Equal([$"Deleted a web {moved}"], await _f.ReadAsync(n1, 1));
        Assert.Equal([$"Added a web {moved}"], await _f.ReadAsync(n2, 1));
    }

    [Fact]
    public async Task Watch_FromHistory_ReplaysWithoutGapOrDuplicate()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        for (int i = 0; i < 200; i++)
        {
            await _f.PutAsync("ns", $"p{i % 7}", "web");
        }

        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                await _f.PutAsync("ns", $"p{i % 7}", "web");
            }
        });
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = start + 50 }, _f.Token);
        await writing;

        List<string> events = await _f.ReadAsync(watcher, 350);

        Assert.Equal(Enumerable.Range(51, 350).Select(i => start + i), events.Select(e => long.Parse(e.Split(' ')[3])));
    }

    [Fact]
    public async Task Watch_OlderThanHistory_IsTooOld()
    {
        await _f.PutAsync("ns", "a", "web");
        await _f.PutAsync("ns", "a", "web");
        ResourceCache pods = await _f.OpenAsync();

        StoreException e = await Assert.ThrowsAsync<StoreException>(
            async () => await pods.WatchAsync(new WatchRequest { AfterRevision = 1 }, _f.Token));

        Assert.Equal(StoreErrorCode.Compacted, e.Code);
        Assert.Equal("too old resource version: 1 (3)", e.Message);
    }

    [Fact]
    public async Task Watch_HistoryOverflows_KeepsTheMinimum()
    {
        ResourceCache pods = await _f.OpenAsync(CacheFixture.Pods with { MinHistory = 32, HistoryRetention = TimeSpan.Zero });
        long last = 0;
        for (int i = 0; i < 100; i++)
        {
            last = await _f.PutAsync("ns", "a", "web");
        }

        await pods.WaitForAsync(last, _f.Token);
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = last - 32 }, _f.Token);
        Assert.Equal(32, (await _f.ReadAsync(watcher, 32)).Count);
        await Assert.ThrowsAsync<StoreException>(
            async () => await pods.WatchAsync(new WatchRequest { AfterRevision = last - 33 }, _f.Token));
    }

    [Fact]
    public async Task Watch_QueueAndHistoryOverflow_EndsAfterWhatWasQueued()
    {
        ResourceCache pods = await _f.OpenAsync(CacheFixture.Pods with { MinHistory = 16, HistoryRetention = TimeSpan.Zero });
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher slow = await pods.WatchAsync(new WatchRequest { AfterRevision = start, QueueCapacity = 10 }, _f.Token);
        long last = 0;
        for (int i = 0; i < 30; i++)
        {
            last = await _f.PutAsync("ns", "a", "web");
        }

        await pods.WaitForAsync(last, _f.Token);

        Assert.False(slow.TryGetProgress(out _));
        Assert.Equal(10, (await _f.ReadAsync(slow, 11)).Count);
        Assert.Equal(WatcherEnd.Overflow, slow.End);
        Assert.False(await slow.WaitToReadAsync(_f.Token));
        Assert.False(slow.TryGetProgress(out _));
    }

    [Fact]
    public async Task Watch_QueueOverflows_GoesOnFromHistory()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher slow = await pods.WatchAsync(new WatchRequest { AfterRevision = start, QueueCapacity = 10 }, _f.Token);
        List<string> events = [];
        for (int burst = 0; burst < 3; burst++)
        {
            long last = 0;
            for (int i = 0; i < 30; i++)
            {
                last = await _f.PutAsync("ns", i % 2 == 0 ? "a" : "b", "web");
            }

            await pods.WaitForAsync(last, _f.Token);
            Assert.False(slow.TryGetProgress(out _));

            // Less than all of it, so that the next burst finds replayed changes unread.
            events.AddRange(await _f.ReadAsync(slow, 20));
        }

        events.AddRange(await _f.ReadAsync(slow, 30));

        Assert.Equal(Enumerable.Range(1, 90).Select(i => start + i), events.Select(e => long.Parse(e.Split(' ')[3])));
        Assert.Equal(WatcherEnd.None, slow.End);
        Assert.True(slow.TryGetProgress(out long revision));
        Assert.Equal(start + 90, revision);
    }

    [Fact]
    public async Task WaitToRead_NothingHappens_ReturnsWhenWokenAndGivesProgress()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = start }, _f.Token);
        long elsewhere = (await _f.Store.PutAsync("/registry/other/x", "{}"u8.ToArray(), null, null, _f.Token)).Revision;
        await pods.WaitForAsync(elsewhere, _f.Token);

        for (int i = 0; i < 2; i++)
        {
            ValueTask<bool> wait = watcher.WaitToReadAsync(CancellationToken.None);
            Assert.False(wait.IsCompleted);
            watcher.Wake();
            Assert.True(await wait);
            Assert.False(watcher.TryRead(out _));
            Assert.True(watcher.TakeWake());
            Assert.False(watcher.TakeWake());
        }

        Assert.True(watcher.TryGetProgress(out long revision));
        Assert.Equal(elsewhere, revision);
    }

    [Fact]
    public async Task WaitToRead_Cancelled_Throws()
    {
        ResourceCache pods = await _f.OpenAsync();
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = 1 }, _f.Token);
        using CancellationTokenSource cancel = new();
        Task<bool> wait = watcher.WaitToReadAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Wake_EventsWait_AreReadFirst()
    {
        ResourceCache pods = await _f.OpenAsync();
        using Watcher watcher = await pods.WatchAsync(
            new WatchRequest { AfterRevision = await _f.Store.GetRevisionAsync(_f.Token) }, _f.Token);

        watcher.Wake();
        long revision = await _f.PutAsync("default", "a", "x");
        await pods.WaitForAsync(revision, _f.Token);

        Assert.True(await watcher.WaitToReadAsync(_f.Token));
        Assert.True(watcher.TryRead(out CacheEvent? read));
        Assert.Equal(revision, read.Revision);
        Assert.False(watcher.TryRead(out _));
        Assert.True(watcher.TakeWake());
    }

    [Fact]
    public async Task Close_SomeoneWaits_EndsTheWait()
    {
        ResourceCache pods = await _f.OpenAsync();
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = 1 }, _f.Token);
        ValueTask<bool> wait = watcher.WaitToReadAsync(CancellationToken.None);

        watcher.Close();

        Assert.False(await wait);
        Assert.Equal(WatcherEnd.Closed, watcher.End);
    }

    [Fact]
    public async Task Close_OpenWatchers_EndAsClosed()
    {
        ResourceCache pods = await _f.OpenAsync();
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = 1 }, _f.Token);

        _f.Cache.Close("/registry/pods/");

        Assert.False(await watcher.WaitToReadAsync(_f.Token));
        Assert.Equal(WatcherEnd.Closed, watcher.End);
        Assert.Equal(StoreErrorCode.Unavailable, Assert.Throws<StoreException>(() => pods.Current).Code);
    }
}
