using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.DaemonSets;

public sealed class DaemonSetControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("daemonset-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1DaemonSetStatus? Status => _h.Server.Find<V1DaemonSet>("ns", "x")?.Status;

    private Task NodeAsync(string name, string zone = "z1", V1Taint? taint = null) => _h.Client.CreateAsync(
        new V1Node
        {
            Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["zone"] = zone } },
            Spec = new V1NodeSpec { Taints = taint is null ? null : [taint] },
        }, default);

    private static V1DaemonSet Set()
    {
        var template = Template();
        template.Spec.NodeSelector = new Dictionary<string, string> { ["zone"] = "z1" };
        return new V1DaemonSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = "x",
                NamespaceProperty = "ns",
                Annotations = new Dictionary<string, string> { ["deprecated.daemonset.template.generation"] = "1" },
            },
            Spec = new V1DaemonSetSpec
            {
                Selector = Selector,
                Template = template,
                UpdateStrategy = new V1DaemonSetUpdateStrategy
                {
                    Type = "RollingUpdate",
                    RollingUpdate = new V1RollingUpdateDaemonSet { MaxUnavailable = 1, MaxSurge = 0 },
                },
            },
        };
    }

    private static string NodeOf(V1Pod pod) =>
        pod.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms[0].MatchFields[0].Values[0];

    [Fact]
    public async Task Create_OnePodForEachFittingNode()
    {
        await NodeAsync("a");
        await NodeAsync("b");
        await NodeAsync("c", "z2");
        await NodeAsync("d", "z1", new V1Taint { Key = "k", Effect = "NoSchedule" });
        await _h.Client.CreateAsync(Set(), default);
        await _h.UntilAsync(
            () => _h.Pods.Count == 2 && Status is { DesiredNumberScheduled: 2, CurrentNumberScheduled: 2 }, "two Pods are there");
        Assert.Equal(["a", "b"], _h.Pods.Select(NodeOf).Order());
        Assert.Equal("1", _h.Pods[0].Metadata.Labels["pod-template-generation"]);
        Assert.Equal(6, _h.Pods[0].Spec.Tolerations.Count);
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(
            () => Status is
            {
                NumberReady: 2, NumberAvailable: 2, UpdatedNumberScheduled: 2, NumberMisscheduled: 0, NumberUnavailable: null,
            },
            "they are ready");
    }

    [Fact]
    public async Task NodeComesAndLeavesSelection_PodFollows()
    {
        await _h.Client.CreateAsync(Set(), default);
        await NodeAsync("a");
        await _h.UntilAsync(() => _h.Pods.Count == 1, "it has a Pod");
        await _h.Client.PatchAsync<V1Node>(
            null, "a", PatchFormat.Merge, new { metadata = new { labels = new { zone = "z2" } } }, WriteOptions.None, default);
        await _h.UntilAsync(() => _h.Pods.Count == 0 && Status?.DesiredNumberScheduled == 0, "it has none");
    }

    [Fact]
    public async Task Update_Rolling_OneNodeAtATime()
    {
        await NodeAsync("a");
        await NodeAsync("b");
        await _h.Client.CreateAsync(Set(), default);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "two Pods are there");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => Status?.NumberAvailable == 2, "they are available");
        await _h.Client.PatchAsync<V1DaemonSet>("ns", "x", PatchFormat.Merge,
            new
            {
                spec = new { template = new { spec = new { containers = new[] { new { name = "c", image = "j" } } } } },
                metadata = new { annotations = new Dictionary<string, string> { ["deprecated.daemonset.template.generation"] = "2" } },
            },
            WriteOptions.None, default);
        for (var updated = 1; updated <= 2; updated++)
        {
            await _h.UntilAsync(
                () => _h.Pods.Count == 2 && _h.Pods.Count(p => p.Spec.Containers[0].Image == "j") == updated, $"{updated} are updated");
            await _h.MakeReadyAsync(_h.Pods.Where(p => p.Status.Phase == "Pending"));
        }
        await _h.UntilAsync(() => Status is { UpdatedNumberScheduled: 2, NumberAvailable: 2 }, "the roll-out is complete");
        Assert.Equal(2, _h.Server.List<V1ControllerRevision>("ns").Count);
    }

    [Fact]
    public async Task PodFails_IsReplaced()
    {
        await NodeAsync("a");
        await _h.Client.CreateAsync(Set(), default);
        await _h.UntilAsync(() => _h.Pods.Count == 1, "it has a Pod");
        var first = _h.Pods[0].Metadata.Uid;
        await _h.EndAsync(_h.Pods, 1);
        await _h.UntilAsync(() => _h.Pods is [var pod] && pod.Metadata.Uid != first, "it has another");
    }
}
