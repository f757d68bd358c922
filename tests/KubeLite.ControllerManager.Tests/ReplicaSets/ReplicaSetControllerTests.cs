using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.ReplicaSets;

public sealed class ReplicaSetControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("replicaset-controller", "replicationcontroller-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private static V1ReplicaSet Set(int replicas) => new()
    {
        Metadata = Meta("x"),
        Spec = new V1ReplicaSetSpec { Replicas = replicas, Selector = Selector, Template = Template() },
    };

    private V1ReplicaSetStatus? Status => _h.Server.Find<V1ReplicaSet>("ns", "x")?.Status;

    [Fact]
    public async Task Create_MakesExactlyThatManyPods()
    {
        await _h.Client.CreateAsync(Set(20), default);
        await _h.UntilAsync(() => Status?.Replicas == 20, "all are counted");
        Assert.Equal(20, _h.Pods.Count);
        Assert.All(_h.Pods, p => Assert.Equal("x-", p.Metadata.GenerateName));
    }

    [Fact]
    public async Task PodFails_IsReplaced()
    {
        await _h.Client.CreateAsync(Set(1), default);
        await _h.UntilAsync(() => _h.Pods.Count == 1, "the Pod is there");
        await _h.EndAsync(_h.Pods, 1);
        await _h.UntilAsync(() => _h.Pods.Count == 2 && Status?.Replicas == 1, "another is there");
    }

    [Fact]
    public async Task Orphan_ThatMatches_IsAdopted_AndReleasedWhenItNoLongerDoes()
    {
        await _h.Client.CreateAsync(new V1Pod { Metadata = Meta("o", Labels), Spec = Template().Spec }, default);
        await _h.Client.CreateAsync(Set(1), default);
        await _h.UntilAsync(() => _h.Pods[0].Metadata.OwnerReferences is [{ Kind: "ReplicaSet", Controller: true }], "it is adopted");
        await _h.UntilAsync(() => Status?.Replicas == 1, "it is counted");
        Assert.Single(_h.Pods);
        await _h.Client.PatchAsync<V1Pod>(
            "ns", "o", PatchFormat.Merge, new { metadata = new { labels = new { app = "b" } } }, WriteOptions.None, default);
        await _h.UntilAsync(
            () => _h.Pods.Count == 2 && _h.Server.Find<V1Pod>("ns", "o")!.Metadata.OwnerReferences is not { Count: > 0 },
            "it is released and replaced");
    }

    [Fact]
    public async Task ScaleDown_PendingPodsGoFirst()
    {
        await _h.Client.CreateAsync(Set(3), default);
        await _h.UntilAsync(() => _h.Pods.Count == 3, "the Pods are there");
        var ready = _h.Pods[1];
        await _h.MakeReadyAsync([ready]);
        await _h.UntilAsync(() => Status?.ReadyReplicas == 1, "one is ready");
        await _h.Client.PatchAsync<V1ReplicaSet>(
            "ns", "x", PatchFormat.Merge, new { spec = new { replicas = 1 } }, WriteOptions.None, default);
        await _h.UntilAsync(() => _h.Pods.Count == 1, "one is left");
        Assert.Equal(ready.Metadata.Uid, _h.Pods[0].Metadata.Uid);
    }

    [Fact]
    public async Task ReplicationController_CountsItsPods()
    {
        await _h.Client.CreateAsync(
            new V1ReplicationController
            {
                Metadata = Meta("rc"),
                Spec = new V1ReplicationControllerSpec { Replicas = 2, Selector = Labels, Template = Template() },
            }, default);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "the Pods are there");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(
            () => _h.Server.Find<V1ReplicationController>("ns", "rc")!.Status
                is { Replicas: 2, ReadyReplicas: 2, AvailableReplicas: 2, FullyLabeledReplicas: 2 },
            "the status says so");
    }

    [Fact]
    public void Ranking_CostAnnotation_DecidesBetweenEquals()
    {
        V1Pod Pod(string name, string? cost) => new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                Annotations = cost is null
                    ? null
                    : new Dictionary<string, string> { ["controller.kubernetes.io/pod-deletion-cost"] = cost },
            },
            Spec = new V1PodSpec(),
            Status = new V1PodStatus { Phase = "Pending" },
        };
        var pods = new List<V1Pod> { Pod("dear", "10"), Pod("plain", null), Pod("cheap", "-1") };
        pods.Sort(new PodRanking(new Dictionary<string, int>(), DateTime.UtcNow));
        Assert.Equal(["cheap", "plain", "dear"], pods.Select(p => p.Metadata.Name));
    }
}
