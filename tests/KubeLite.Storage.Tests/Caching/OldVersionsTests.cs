using System.Text;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Tests.Caching.Differences;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.Storage.Tests.Caching;

/// <summary>What the cache holds of old versions after a while is less than their bytes, and looks the same from outside.</summary>
public sealed class OldVersionsTests : IAsyncLifetime
{
    private const int Few = 100, Many = 600, Names = 12;

    private readonly FakeTimeProvider _time = new();
    private readonly CacheFixture _f;
    private readonly Random _random;

    public OldVersionsTests(ITestOutputHelper output)
    {
        int seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        _random = new Random(seed);
        _f = new CacheFixture(_time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _f.DisposeAsync();

    [Theory]
    [InlineData(Few)]
    [InlineData(Many)]
    public async Task ListAndWatch_OfOldRevisions_GiveTheSameBytesAsBefore(int changes)
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        List<(long Revision, string List)> lists = await ChangeAsync(pods, changes);
        List<string> all = await WatchAsync(pods, start, null, null);
        List<string> ready = await WatchAsync(pods, start, null, IsReady);
        List<string> one = await WatchAsync(pods, start, "web-3", null);
        Assert.True(all.Count == changes && ready.Count > changes / 4 && one.Count > 1, "too few events");

        // The second time, what was made anew for those who asked after the first is there.
        for (int i = 0; i < 2; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            Assert.True(await SharedPartAsync(pods, start) > 0.7, "old versions are whole");
            Assert.Equal(all, await WatchAsync(pods, start, null, null));
            Assert.Equal(ready, await WatchAsync(pods, start, null, IsReady));
            Assert.Equal(one, await WatchAsync(pods, start, "web-3", null));
            foreach ((long revision, string list) in lists)
            {
                CacheSnapshot snapshot = pods.TryGetAt(revision)!;
                Assert.Equal(list, Text(snapshot.All));
                Assert.Equal(list, Pages(snapshot));
            }
        }
    }

    [Fact]
    public async Task List_ContinuedAfterManyWrites_GivesTheSameBytesAsBefore()
    {
        ResourceCache pods = await _f.OpenAsync();
        await ChangeAsync(pods, 40);
        CacheSnapshot begun = await pods.ReadConsistentAsync(_f.Token);
        string list = Text(begun.All);
        pods.Pin(begun);
        await ChangeAsync(pods, 1500);
        _time.Advance(TimeSpan.FromSeconds(30));

        CacheSnapshot again = pods.TryGetAt(begun.Revision)!;

        Assert.Equal(list, Pages(again));
        Assert.Contains(Entries(again.All), entry => entry.Body is not byte[]);
        Assert.All(Entries((await pods.ReadConsistentAsync(_f.Token)).All), entry => Assert.IsType<byte[]>(entry.Body));
    }

    [Fact]
    public async Task Watch_WhileVersionsAreSettled_MissesNothing()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        using Watcher behind = await pods.WatchAsync(new WatchRequest { AfterRevision = start, QueueCapacity = 4 }, _f.Token);
        await ChangeAsync(pods, Many);
        List<string> expected = await WatchAsync(pods, start, null, null);

        List<string> seen = [];
        while (seen.Count < Many && await behind.WaitToReadAsync(_f.Token))
        {
            while (behind.TryRead(out CacheEvent? e))
            {
                seen.Add(Text(e));
                if (seen.Count % 100 == 50)
                {
                    _time.Advance(TimeSpan.FromSeconds(4));
                }
            }
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task Trim_FewChanges_WaitsForItsInterval()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        await ChangeAsync(pods, Few);

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, await SharedPartAsync(pods, start));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await SharedPartAsync(pods, start) > 0.7, "old versions are whole");
    }

    [Fact]
    public async Task Trim_ManyChanges_ComesSoonAndThenRestsAgain()
    {
        ResourceCache pods = await _f.OpenAsync();
        long start = await _f.Store.GetRevisionAsync(_f.Token);
        await ChangeAsync(pods, Many);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, await SharedPartAsync(pods, start));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(await SharedPartAsync(pods, start) > 0.7, "old versions are whole");

        long second = await _f.Store.GetRevisionAsync(_f.Token);
        await ChangeAsync(pods, Few);
        _time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal(0, await SharedPartAsync(pods, second));
        await ChangeAsync(pods, Many);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(await SharedPartAsync(pods, second) > 0.7, "old versions are whole");
    }

    /// <summary>Creates, patches and deletes Pods at random, one at a time, and lists them after each.</summary>
    private async Task<List<(long Revision, string List)>> ChangeAsync(ResourceCache pods, int changes)
    {
        List<(long, string)> lists = [];
        for (int i = 0; i < changes; i++)
        {
            string name = $"web-{_random.Next(Names)}";
            bool exists = pods.Current.Find("ns", name) is not null;
            long revision = exists && _random.Next(5) == 0
                ? await _f.DeleteAsync("ns", name)
                : (await _f.Store.PutAsync(
                    $"/registry/pods/ns/{name}", ObjectVersions.Pod(name, i, _random.Next(2) == 0), null, null, _f.Token)).Revision;
            await pods.WaitForAsync(revision, _f.Token);
            lists.Add((revision, Text(pods.Current.All)));
        }

        return lists;
    }

    private async Task<List<string>> WatchAsync(ResourceCache pods, long after, string? name, Func<CacheEntry, bool>? predicate)
    {
        using Watcher watcher = await pods.WatchAsync(
            new WatchRequest { AfterRevision = after, Namespace = "ns", Name = name, Predicate = predicate }, _f.Token);
        List<string> events = [];
        while (watcher.TryRead(out CacheEvent? e))
        {
            events.Add(Text(e));
        }

        return events;
    }

    /// <summary>Which part of the versions that are no longer the newest is not whole.</summary>
    private async Task<double> SharedPartAsync(ResourceCache pods, long after)
    {
        using Watcher watcher = await pods.WatchAsync(new WatchRequest { AfterRevision = after }, _f.Token);
        int old = 0, shared = 0;
        while (watcher.TryRead(out CacheEvent? e))
        {
            if (e.Previous is { } previous)
            {
                old++;
                shared += previous.Body is byte[]? 0 : 1;
            }
        }

        return shared / (double)old;
    }

    private static bool IsReady(CacheEntry entry) => entry.TryGetField("status.phase", out string phase) && phase == "Running";

    private static string Text(CacheEvent e) => $"{e.Type} {e.Revision} {e.Entry.Revision} {Text(e.Entry)}";

    private static string Text(CacheEntry entry) => Encoding.UTF8.GetString(entry.Json.Span);

    private static List<CacheEntry> Entries(CacheRange range)
    {
        List<CacheEntry> entries = [];
        foreach (CacheEntry entry in range)
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static string Text(CacheRange range) => Text(Entries(range));

    private static string Text(IEnumerable<CacheEntry> entries) => string.Join('\n', entries.Select(Text));

    private static string Pages(CacheSnapshot snapshot)
    {
        List<CacheEntry> entries = [];
        string? next = null;
        while (snapshot.Range(null, next) is { Count: > 0 } rest)
        {
            CacheEntry[] page = [.. Entries(rest).Take(5)];
            entries.AddRange(page);
            next = page[^1].Key + "\0";
        }

        return Text(entries);
    }
}
