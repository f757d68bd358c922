using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Namespaces;

public sealed class NamespaceControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() =>
        _h = await StartAsync("namespace-controller", "serviceaccount-controller", "root-ca-certificate-publisher-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1Namespace? Stored => _h.Server.Find<V1Namespace>("", "ns");

    private Task CreateAsync() => _h.Client.CreateAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = "ns" } }, default);

    [Fact]
    public async Task Create_GetsAccountAndAuthorities_AgainIfDeleted()
    {
        await CreateAsync();
        await _h.UntilAsync(
            () => _h.Server.Find<V1ServiceAccount>("ns", "default") is not null
                && _h.Server.Find<V1ConfigMap>("ns", "kube-root-ca.crt") is not null,
            "both are there");
        Assert.Contains("kubernetes.io/description", _h.Server.Find<V1ConfigMap>("ns", "kube-root-ca.crt")!.Metadata.Annotations.Keys);
        await _h.Client.DeleteAsync<V1ServiceAccount>("ns", "default", null, default);
        await _h.UntilAsync(() => _h.Server.Find<V1ServiceAccount>("ns", "default") is not null, "it is back");
    }

    [Fact]
    public async Task Delete_ContentHeldByFinalizer_SaysSoAndWaits()
    {
        await CreateAsync();
        await _h.Client.CreateAsync(new V1ConfigMap { Metadata = Meta("x") with { Finalizers = ["example.com/f"] } }, default);
        await _h.Client.CreateAsync(new V1Secret { Metadata = Meta("s") }, default);
        await _h.Client.DeleteAsync<V1Namespace>(null, "ns", null, default);
        await _h.UntilAsync(
            () => Stored?.Status?.Conditions is { Count: 5 } all && all[4].Status == "True"
                && all[3].Message.EndsWith("configmaps. has 1 resource instances", StringComparison.Ordinal),
            "the conditions say what is left");
        Assert.Equal(
            "Some content in the namespace has finalizers remaining: example.com/f in 1 resource instances",
            Stored!.Status.Conditions[4].Message);
        Assert.Null(_h.Server.Find<V1Secret>("ns", "s"));
        await _h.Client.PatchAsync<V1ConfigMap>(
            "ns", "x", PatchFormat.Merge, new { metadata = new { finalizers = Array.Empty<string>() } }, WriteOptions.None, default);
        await _h.UntilAsync(() => Stored is null, "the namespace is gone");
    }
}
