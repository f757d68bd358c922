using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.Client;

public sealed class ApiClientTests : IAsyncLifetime
{
    private FakeApiServer _server = null!;
    private ApiClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = _server.NewClient();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private static V1Pod Pod(string name) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] },
    };

    [Fact]
    public async Task Get_Missing_ThrowsNotFoundAndFindAnswersNull()
    {
        var e = await Assert.ThrowsAsync<ApiStatusException>(() => _client.GetAsync<V1Pod>("default", "a", default));
        Assert.True(e.IsNotFound);
        Assert.Equal("pods \"a\" not found", e.Message);
        Assert.Null(await _client.FindAsync<V1Pod>("default", "a", default));
    }

    [Fact]
    public async Task Requests_BeforeTheServerServes_WaitUntilItDoes()
    {
        var serving = new TaskCompletionSource();
        using var client = new ApiClient(_server.ClientOptions with { Serving = serving.Task }, TimeProvider.System);
        var get = client.FindAsync<V1Pod>("default", "a", default);
        using var impatient = new CancellationTokenSource();
        var cancelled = client.FindAsync<V1Pod>("default", "b", impatient.Token);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(get.IsCompleted);
        Assert.Empty(_server.Requests);

        serving.SetResult();
        Assert.Null(await get);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Update_OldVersion_IsConflict()
    {
        var created = await _client.CreateAsync(Pod("a"), default);
        await _client.PatchAsync<V1Pod>(
            "default", "a", PatchFormat.Merge, new { metadata = new { labels = new { x = "y" } } }, WriteOptions.None, default);
        var e = await Assert.ThrowsAsync<ApiStatusException>(() => _client.UpdateAsync(created, default));
        Assert.True(e.IsConflict);
        Assert.False(e.IsAlreadyExists);
    }

    [Fact]
    public async Task UpdateStatus_ChangesStatusOnly()
    {
        var created = await _client.CreateAsync(Pod("a"), default);
        created.Status = new V1PodStatus { Phase = "Running" };
        created.Spec.NodeName = "never";
        var updated = await _client.UpdateStatusAsync(created, default);
        Assert.Equal("Running", updated.Status.Phase);
        Assert.Null(updated.Spec.NodeName);
    }

    [Fact]
    public async Task Bind_Twice_SecondIsConflict()
    {
        var pod = await _client.CreateAsync(Pod("a"), default);
        await _client.BindAsync(pod, "n1", default);
        Assert.Equal("n1", _server.Find<V1Pod>("default", "a")!.Spec.NodeName);
        Assert.True((await Assert.ThrowsAsync<ApiStatusException>(() => _client.BindAsync(pod, "n2", default))).IsConflict);
    }

    [Fact]
    public async Task Delete_WrongUid_IsConflict()
    {
        await _client.CreateAsync(Pod("a"), default);
        var options = new V1DeleteOptions { Preconditions = new V1Preconditions { Uid = "other" } };
        Assert.True(
            (await Assert.ThrowsAsync<ApiStatusException>(() => _client.DeleteAsync<V1Pod>("default", "a", options, default))).IsConflict);
        await _client.EvictAsync("default", "a", null, default);
        Assert.Null(_server.Find<V1Pod>("default", "a"));
    }

    [Fact]
    public async Task Discover_Fake_KnowsScopeAndVerbs()
    {
        var found = await _client.Discovery.DiscoverAsync(default);
        var pods = found.Preferred.Single(r => r.Resource.GroupResource == "pods");
        Assert.True(pods.Resource.Namespaced);
        Assert.True(pods.Supports("list", "watch", "delete"));
        Assert.False(found.Preferred.Single(r => r.Resource.GroupResource == "nodes").Resource.Namespaced);
        Assert.Empty(found.Failed);
    }
}
