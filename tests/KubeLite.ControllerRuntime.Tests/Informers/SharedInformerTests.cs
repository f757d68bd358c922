using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Informers;

public sealed class SharedInformerTests : IAsyncLifetime
{
    private FakeApiServer _server = null!;
    private ApiClient _client = null!;
    private SharedInformerFactory _factory = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = _server.NewClient();
        _factory = new SharedInformerFactory(_client, TimeProvider.System, NullLoggerFactory.Instance);
    }

    public async Task DisposeAsync()
    {
        await _factory.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static V1ConfigMap Map(string name, string ns = "default", string? label = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = ns,
            Labels = label is null ? null : new Dictionary<string, string> { ["l"] = label },
        },
    };

    private sealed class Log : IResourceEventHandler<CachedObject>
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private TaskCompletionSource _changed = new();

        public void OnAdd(CachedObject item, bool initial) => Write($"{(initial ? "initial" : "add")} {item.Metadata.Name}");

        public void OnUpdate(CachedObject old, CachedObject item) => Write("update " + item.Metadata.Name);

        public void OnDelete(CachedObject item) => Write("delete " + item.Metadata.Name);

        internal async Task WaitForAsync(string line)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            while (true)
            {
                var changed = Volatile.Read(ref _changed).Task;
                if (_lines.Contains(line))
                {
                    return;
                }
                await changed.WaitAsync(deadline.Token);
            }
        }

        private void Write(string line)
        {
            _lines.Enqueue(line);
            Interlocked.Exchange(ref _changed, new TaskCompletionSource()).TrySetResult();
        }
    }

    [Fact]
    public async Task Start_ExistingAndNewObjects_HandlerHearsInOrder()
    {
        await _client.CreateAsync(Map("a"), default);
        var informer = _factory.Informer<V1ConfigMap>();
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        await log.WaitForAsync("initial a");
        await _client.CreateAsync(Map("b"), default);
        await log.WaitForAsync("add b");
        var b = informer.Store.Get("default", "b")!;
        Assert.Equal("ConfigMap", b.Kind);
        await _client.UpdateAsync(b with { Data = new Dictionary<string, string> { ["k"] = "v" } }, default);
        await log.WaitForAsync("update b");
        await _client.DeleteAsync<V1ConfigMap>("default", "b", null, default);
        await log.WaitForAsync("delete b");
        Assert.Equal(1, informer.Store.Count);
    }

    [Fact]
    public async Task Watch_EndsCleanly_GoesOnWithoutListing()
    {
        var informer = _factory.Informer<V1ConfigMap>();
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        await _client.CreateAsync(Map("a"), default);
        await log.WaitForAsync("add a");
        _server.EndWatches();
        await _client.CreateAsync(Map("b"), default);
        await log.WaitForAsync("add b");
        Assert.Single(_server.Requests, r => r.StartsWith("GET /api/v1/configmaps?limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watch_VersionTooOld_ListsAgainAndTellsOfDeletes()
    {
        await _client.CreateAsync(Map("a"), default);
        var informer = _factory.Informer<V1ConfigMap>();
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        var broken = true;
        _server.Fault((_, path) => broken && path.Contains("watch=true", StringComparison.Ordinal) ? 500 : null);
        _server.EndWatches();
        await _client.DeleteAsync<V1ConfigMap>("default", "a", null, default);
        await _client.CreateAsync(Map("b"), default);
        _server.Compact();
        broken = false;
        await log.WaitForAsync("delete a");
        await log.WaitForAsync("add b");
    }

    [Fact]
    public async Task Selection_LabelChange_AppearsAndDisappears()
    {
        var informer = _factory.Informer<V1ConfigMap>(new InformerSelection(LabelSelector: "l=x"));
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        var created = await _client.CreateAsync(Map("a", label: "y"), default);
        created.Metadata.Labels["l"] = "x";
        created = await _client.UpdateAsync(created, default);
        await log.WaitForAsync("add a");
        created.Metadata.Labels["l"] = "z";
        await _client.UpdateAsync(created, default);
        await log.WaitForAsync("delete a");
    }

    [Fact]
    public async Task Index_ObjectsChange_LookUpFollows()
    {
        var informer = _factory.Informer<V1ConfigMap>();
        informer.AddIndex("label", m => m.Metadata.Labels?.TryGetValue("l", out var v) == true ? [v] : []);
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        var created = await _client.CreateAsync(Map("a", label: "x"), default);
        await log.WaitForAsync("add a");
        Assert.Single(informer.Store.ByIndex("label", "x"));
        Assert.Single(informer.Store.ListNamespace("default"));
        created.Metadata.Labels["l"] = "y";
        await _client.UpdateAsync(created, default);
        await log.WaitForAsync("update a");
        Assert.Empty(informer.Store.ByIndex("label", "x"));
        Assert.Single(informer.Store.ByIndex("label", "y"));
    }

    [Fact]
    public async Task Metadata_AnyResource_OnlyMetadataIsRead()
    {
        await _client.CreateAsync(Map("a") with { Data = new Dictionary<string, string> { ["k"] = "v" } }, default);
        var informer = _factory.Metadata(ResourceInfo.Of<V1ConfigMap>());
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        Assert.Equal("a", informer.Metadata()[0].Metadata.Name);
        Assert.Contains(_server.Requests, r => r.StartsWith("GET /api/v1/configmaps?limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_ModelIsWatchedAlready_OneWatchServesBoth()
    {
        await _client.CreateAsync(Map("a", label: "x"), default);
        var typed = _factory.Informer<V1ConfigMap>();
        var informer = _factory.Metadata(ResourceInfo.Of<V1ConfigMap>());
        var log = new Log();
        informer.AddHandler(log);
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        await log.WaitForAsync("initial a");
        Assert.Same(typed, informer);
        Assert.Single(informer.Metadata("default"));
        Assert.Single(_server.Requests, r => r.StartsWith("GET /api/v1/configmaps?limit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metadata_PartOfTheModelIsWatched_HasItsOwnWatch()
    {
        var typed = _factory.Informer<V1ConfigMap>(new InformerSelection(Namespace: "other"));
        await _client.CreateAsync(Map("a"), default);
        var informer = _factory.Metadata(ResourceInfo.Of<V1ConfigMap>());
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        Assert.Single(informer.Metadata());
        Assert.Equal(0, typed.Store.Count);
    }

    [Fact]
    public async Task Store_OnlyWhatIsAskedFor_IsRead()
    {
        foreach (var name in new[] { "a", "b" })
        {
            await _client.CreateAsync(Map(name) with { Data = new Dictionary<string, string> { ["k"] = name } }, default);
        }
        var informer = _factory.Informer<V1ConfigMap>();
        informer.AddHandler(new Log());
        _factory.Start();
        await _factory.WaitForSyncAsync(default);
        Assert.All(informer.Store.Cached(), item => Assert.False(item.IsRead));

        var a = informer.Store.Get("default", "a")!;

        Assert.Equal("a", a.Data["k"]);
        Assert.Same(a, informer.Store.Get("default", "a"));
        Assert.True(informer.Store.Cached(new ObjectKey("default", "a"))!.IsRead);
        Assert.False(informer.Store.Cached(new ObjectKey("default", "b"))!.IsRead);
        Assert.Equal(2, informer.Store.List().Count);
        Assert.Same(informer.Store.List(), informer.Store.List());
    }
}
