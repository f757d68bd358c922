using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.GarbageCollection;

public sealed class GarbageCollectorTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("garbage-collector-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private Task<V1ConfigMap> MapAsync(
        string name, V1ConfigMap? owner = null, bool block = false, string? finalizer = null, string? uid = null)
    {
        var map = new V1ConfigMap { Metadata = Meta(name) };
        if (owner is not null)
        {
            map.Metadata.OwnerReferences =
                [
                    new V1OwnerReference
                    {
                        ApiVersion = "v1",
                        Kind = "ConfigMap",
                        Name = owner.Metadata.Name,
                        Uid = uid ?? owner.Metadata.Uid,
                        BlockOwnerDeletion = block ? true : null,
                    },
                ];
        }
        map.Metadata.Finalizers = finalizer is null ? null : [finalizer];
        return _h.Client.CreateAsync(map, default);
    }

    private V1ConfigMap? Find(string name) => _h.Server.Find<V1ConfigMap>("ns", name);

    private Task DeleteAsync(string name, string? policy = null) =>
        _h.Client.DeleteAsync<V1ConfigMap>("ns", name, policy is null ? null : new V1DeleteOptions { PropagationPolicy = policy }, default);

    [Fact]
    public async Task Background_OwnerGoes_DependentsFollow()
    {
        var owner = await MapAsync("o");
        var middle = await MapAsync("m", owner);
        await MapAsync("d", middle);
        await DeleteAsync("o");
        await _h.UntilAsync(() => Find("m") is null && Find("d") is null, "all are gone");
    }

    [Fact]
    public async Task Foreground_OwnerWaitsForBlockingDependent()
    {
        var owner = await MapAsync("o");
        await MapAsync("d", owner, block: true, finalizer: "example.com/f");
        await DeleteAsync("o", "Foreground");
        await _h.UntilAsync(() => Find("d")?.Metadata.DeletionTimestamp is not null, "the dependent is on its way");
        Assert.Equal(["foregroundDeletion"], Find("o")!.Metadata.Finalizers);
        await _h.Client.PatchAsync<V1ConfigMap>(
            "ns", "d", PatchFormat.Merge, new { metadata = new { finalizers = Array.Empty<string>() } }, WriteOptions.None, default);
        await _h.UntilAsync(() => Find("d") is null && Find("o") is null, "both are gone");
    }

    [Fact]
    public async Task Orphan_DependentsStayWithoutOwner()
    {
        var owner = await MapAsync("o");
        await MapAsync("d", owner);
        // The graph must know of the dependent first: one that nothing refers to any more shows that it looked.
        await MapAsync("e", owner, uid: "gone");
        await _h.UntilAsync(() => Find("e") is null, "the collector has caught up");
        await DeleteAsync("o", "Orphan");
        await _h.UntilAsync(() => Find("o") is null, "the owner is gone");
        Assert.True(Find("d")!.Metadata.OwnerReferences is not { Count: > 0 });
    }

    [Fact]
    public async Task OwnerNeverWas_DependentGoes()
    {
        var owner = await MapAsync("o");
        await MapAsync("d", owner, uid: "never");
        await _h.UntilAsync(() => Find("d") is null, "it is gone");
        Assert.NotNull(Find("o"));
    }

    [Fact]
    public async Task TwoOwners_OneGoes_OnlyTheReferenceGoes()
    {
        var first = await MapAsync("o1");
        var second = await MapAsync("o2");
        var dependent = new V1ConfigMap { Metadata = Meta("d") };
        dependent.Metadata.OwnerReferences =
        [
            new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o1", Uid = first.Metadata.Uid },
            new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o2", Uid = second.Metadata.Uid },
        ];
        await _h.Client.CreateAsync(dependent, default);
        await DeleteAsync("o1");
        await _h.UntilAsync(() => Find("d")!.Metadata.OwnerReferences is [{ Name: "o2" }], "one reference is left");
    }

    [Fact]
    public async Task CustomResource_ServedLater_IsCollectedToo()
    {
        var owner = await MapAsync("o");
        var widgets = new FakeResource("example.com", "v1", "widgets", "Widget", true);
        _h.Server.Serve(widgets);
        await _h.Client.CreateAsync(
            new V1CustomResourceDefinition { Metadata = new V1ObjectMeta { Name = "widgets.example.com" } }, default);
        var client = _h.Client.Resource<PartialObjectMetadata>(new ResourceInfo("example.com", "v1", "widgets", "Widget", true));
        await client.CreateAsync("ns", new PartialObjectMetadata
        {
            Metadata = new V1ObjectMeta
            {
                Name = "w",
                NamespaceProperty = "ns",
                OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o", Uid = owner.Metadata.Uid }],
            },
        }, WriteOptions.None, default);
        await DeleteAsync("o");
        await _h.UntilAsync(() => _h.Server.Count(widgets) == 0, "the widget is gone");
    }
}
