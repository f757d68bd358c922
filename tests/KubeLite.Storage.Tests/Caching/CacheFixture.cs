using System.Text;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Embedded.Memory;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.Storage.Tests.Caching;

/// <summary>A memory store and a cache over it, for one test.</summary>
public sealed class CacheFixture : IAsyncDisposable
{
    public CacheFixture()
        : this(TimeProvider.System)
    {
    }

    public CacheFixture(TimeProvider time)
    {
        Store = new FaultyStore(new MemoryStore(new MemoryStoreOptions(), time));
        Cache = new WatchCache(Store, time, NullLogger<WatchCache>.Instance);
    }

    public FaultyStore Store { get; }

    public WatchCache Cache { get; }

    public CancellationToken Token { get; } = Until.DeadlineToken();

    public static ResourceCacheOptions Pods { get; } = new()
    {
        KeyPrefix = "/registry/pods/",
        Namespaced = true,
        FieldPaths = ["spec.nodeName", "status.phase"],
        IndexedFields = ["spec.nodeName"],
    };

    public static string PodJson(string ns, string name, string app, string? node = null) =>
        $$$"""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"{{{ns}}}","uid":"u-{{{name}}}","labels":{"app":"{{{app}}}"}},"spec":{{{(node is null ? "{}" : $"{{\"nodeName\":\"{node}\"}}")}}}}""";

    public async Task<ResourceCache> OpenAsync(ResourceCacheOptions? options = null)
    {
        ResourceCache resource = Cache.Open(options ?? Pods);
        await resource.WaitReadyAsync(Token);
        return resource;
    }

    public async Task<long> PutAsync(string ns, string name, string app, string? node = null)
    {
        WriteResult result = await Store.PutAsync(
            $"/registry/pods/{ns}/{name}", Encoding.UTF8.GetBytes(PodJson(ns, name, app, node)), null, null, Token);
        return result.Revision;
    }

    public async Task<long> DeleteAsync(string ns, string name) =>
        (await Store.DeleteAsync($"/registry/pods/{ns}/{name}", null, Token)).Revision;

    public async Task<List<string>> ReadAsync(Watcher watcher, int count)
    {
        List<string> events = [];
        while (events.Count < count && await watcher.WaitToReadAsync(Token))
        {
            Assert.False(Token.IsCancellationRequested, $"only got: {string.Join("; ", events)}");
            while (events.Count < count && watcher.TryRead(out CacheEvent? e))
            {
                events.Add($"{e.Type} {e.Entry.Name} {e.Entry.Labels.GetValueOrDefault("app")} {e.Revision}");
            }
        }

        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        await Store.DisposeAsync();
    }
}
