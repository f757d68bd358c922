using System.Collections.Concurrent;
using System.Text;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Bootstrap;
using KubeLite.ApiServer.Registry.Catalog;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using KubeLite.Storage.Embedded.Memory;
using KubeLite.Storage.Tests.Caching;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeLite.ApiServer.Tests.Bootstrap;

public sealed class StorageReadinessHookTests : IAsyncLifetime
{
    private const string Pods = "/registry/pods/", Secrets = "/registry/secrets/";
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FaultyStore _store = new(new MemoryStore(new MemoryStoreOptions(), TimeProvider.System));
    private readonly WatchCache _caches;
    private readonly ResourceRegistry _registry;
    private readonly ConcurrentBag<string> _listed = [];
    private readonly TaskCompletionSource _listing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StorageReadinessHookTests()
    {
        _store.AroundRange = (query, read) => query.CountOnly || read ? Task.CompletedTask : ListAsync(query.Prefix!);
        _caches = new WatchCache(_store, _time, NullLogger<WatchCache>.Instance);
        _registry = new ResourceRegistry(_caches, new StoredValues(BuiltInDefaults.Make()));
        var options = new ApiServerOptions();
        var network = new ServiceNetwork(options.ServiceClusterIpRange, options.ServiceNodePortRange);
        var allocator = new ServiceAllocator(network, _registry, new NodePortRange(_store, network));
        var authorizer = new Authorizer(options, new RbacAuthorizer(_registry), new NodeAuthorizer(_registry));
        _registry.Add(BuiltInResources.Make(ApiFacts.Newest, BuiltInStrategies.Make(options, allocator, authorizer)));
    }

    public Task InitializeAsync() =>
        PutAsync(Pods + "shop/web", """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","namespace":"shop"}}""");

    public async Task DisposeAsync()
    {
        await _caches.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task Run_ObjectsOfOneResource_FillsItsCacheAndOpensNoOther()
    {
        Task run = Hook(s_timeout).RunAsync(CancellationToken.None);
        await _listing.Task.WaitAsync(s_patience);
        Assert.False(run.IsCompleted);
        _answer.SetResult();

        await run.WaitAsync(s_patience);

        Assert.Equal([Pods], _listed);
        Assert.NotNull(_registry.Cache("", "pods").Current.Find("shop", "web"));
    }

    [Fact]
    public async Task Run_ListThatTakesLongerThanAReadWaits_IsWaitedFor()
    {
        Task run = Hook(s_timeout).RunAsync(CancellationToken.None);
        await _listing.Task.WaitAsync(s_patience);
        _time.Advance(ResourceCache.WaitLimit + TimeSpan.FromSeconds(1));
        _answer.SetResult();

        await run.WaitAsync(s_patience);

        Assert.True(_registry.Cache("", "pods").IsReady);
    }

    [Fact]
    public async Task Run_ListThatNeverComes_EndsWithTheTimeout()
    {
        Task run = Hook(s_timeout).RunAsync(CancellationToken.None);
        await _listing.Task.WaitAsync(s_patience);

        _time.Advance(s_timeout);

        await run.WaitAsync(s_patience);
        Assert.False(_registry.Cache("", "pods").IsReady);
        _answer.SetResult();
    }

    [Fact]
    public async Task Run_ValueThatCannotBeRead_EndsWithoutItsCache()
    {
        _answer.SetResult();
        await PutAsync(Secrets + "shop/encrypted", "k8s:enc:aescbc:v1:key1:...");

        // Longer than the test lasts: it must not be the timeout that ends it.
        Task run = Hook(TimeSpan.FromDays(1)).RunAsync(CancellationToken.None);
        await Until.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(run.IsCompleted);
            },
            "the hook gives up on what nobody mends");

        Assert.True(_registry.Cache("", "pods").IsReady);
        Assert.False(_registry.Cache("", "secrets").IsReady);
    }

    [Fact]
    public async Task Run_Stopping_Ends()
    {
        using var stopping = new CancellationTokenSource();
        Task run = Hook(s_timeout).RunAsync(stopping.Token);
        await _listing.Task.WaitAsync(s_patience);

        await stopping.CancelAsync();

        await run.WaitAsync(s_patience);
        _answer.SetResult();
    }

    private StorageReadinessHook Hook(TimeSpan timeout) =>
        new(_registry, _store, timeout, _time, NullLogger<StorageReadinessHook>.Instance);

    private async Task ListAsync(string prefix)
    {
        _listed.Add(prefix);
        _listing.TrySetResult();
        await _answer.Task;
    }

    private async Task PutAsync(string key, string value) =>
        Assert.True((await _store.PutAsync(key, Encoding.UTF8.GetBytes(value), 0, null, CancellationToken.None)).Succeeded);
}
