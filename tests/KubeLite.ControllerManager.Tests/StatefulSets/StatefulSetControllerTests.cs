using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.StatefulSets;

public sealed class StatefulSetControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("statefulset-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1StatefulSetStatus? Status => _h.Server.Find<V1StatefulSet>("ns", "x")?.Status;

    private static V1StatefulSet Set(int replicas, string management = "OrderedReady") => new()
    {
        Metadata = Meta("x"),
        Spec = new V1StatefulSetSpec
        {
            Replicas = replicas,
            ServiceName = "s",
            Selector = Selector,
            Template = Template(),
            PodManagementPolicy = management,
            UpdateStrategy = new V1StatefulSetUpdateStrategy
            {
                Type = "RollingUpdate",
                RollingUpdate = new V1RollingUpdateStatefulSetStrategy { Partition = 0 },
            },
            PersistentVolumeClaimRetentionPolicy =
                new V1StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = "Retain", WhenScaled = "Retain" },
            VolumeClaimTemplates = [
                new V1PersistentVolumeClaim
                {
                    Metadata = new V1ObjectMeta { Name = "d" },
                    Spec = new V1PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"] },
                },
            ],
        },
    };

    private IEnumerable<string> Names => _h.Pods.Select(p => p.Metadata.Name);

    [Fact]
    public async Task Ordered_NextMemberOnlyWhenReady_LastGoesFirst()
    {
        await _h.Client.CreateAsync(Set(2), default);
        await _h.UntilAsync(() => _h.Pods.Count == 1 && Status?.Replicas == 1, "the first is there");
        var pod = _h.Pods[0];
        Assert.Equal(("x-0", "x-0", "s"), (pod.Metadata.Name, pod.Spec.Hostname, pod.Spec.Subdomain));
        Assert.Equal("d-x-0", pod.Spec.Volumes[0].PersistentVolumeClaim.ClaimName);
        Assert.Equal("0", pod.Metadata.Labels["apps.kubernetes.io/pod-index"]);
        Assert.Equal(Status!.UpdateRevision, pod.Metadata.Labels["controller-revision-hash"]);
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "the second is there");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(
            () => Status is
            {
                Replicas: 2, ReadyReplicas: 2, AvailableReplicas: 2, CurrentReplicas: 2, UpdatedReplicas: 2, CollisionCount: 0,
            },
            "all are ready");
        await _h.Client.PatchAsync<V1StatefulSet>(
            "ns", "x", PatchFormat.Merge, new { spec = new { replicas = 1 } }, WriteOptions.None, default);
        await _h.UntilAsync(() => Status is { Replicas: 1 }, "one is left");
        Assert.Equal(["x-0"], Names);
        Assert.Equal(["d-x-0", "d-x-1"], _h.Server.List<V1PersistentVolumeClaim>("ns").Select(c => c.Metadata.Name));
    }

    [Fact]
    public async Task Parallel_WithPartition_UpdatesOnlyAboveIt()
    {
        await _h.Client.CreateAsync(Set(2, "Parallel"), default);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "both are there at once");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => Status?.ReadyReplicas == 2, "both are ready");
        await _h.Client.PatchAsync<V1StatefulSet>("ns", "x", PatchFormat.Merge,
            new
            {
                spec = new
                {
                    updateStrategy = new { rollingUpdate = new { partition = 1 } },
                    template = new { metadata = new { annotations = new { v = "2" } } },
                },
            },
            WriteOptions.None, default);
        await _h.UntilAsync(() => Status is { UpdatedReplicas: 1, CurrentReplicas: 1, ReadyReplicas: 1, Replicas: 2 }, "one is updated");
        Assert.Equal("2", _h.Server.Find<V1Pod>("ns", "x-1")!.Metadata.Annotations["v"]);
        Assert.Null(_h.Server.Find<V1Pod>("ns", "x-0")!.Metadata.Annotations);
    }

    [Fact]
    public async Task Update_Rolling_FromTheLastDown_ThenRevisionIsCurrent()
    {
        await _h.Client.CreateAsync(Set(2, "Parallel"), default);
        await _h.UntilAsync(() => _h.Pods.Count == 2, "both are there");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => Status?.ReadyReplicas == 2, "both are ready");
        await _h.Client.PatchAsync<V1StatefulSet>(
            "ns", "x", PatchFormat.Merge, new { spec = new { template = new { metadata = new { annotations = new { v = "2" } } } } },
            WriteOptions.None, default);
        foreach (var name in (string[])["x-1", "x-0"])
        {
            await _h.UntilAsync(
                () => _h.Server.Find<V1Pod>("ns", name)?.Metadata.Annotations?.ContainsKey("v") == true, name + " is updated");
            await _h.MakeReadyAsync([_h.Server.Find<V1Pod>("ns", name)!]);
        }
        await _h.UntilAsync(
            () => Status is { UpdatedReplicas: 2, CurrentReplicas: 2 } && Status.CurrentRevision == Status.UpdateRevision,
            "it is complete");
    }

    [Fact]
    public async Task MemberFails_IsMadeAnew()
    {
        await _h.Client.CreateAsync(Set(1), default);
        await _h.UntilAsync(() => _h.Pods.Count == 1, "it is there");
        var first = _h.Pods[0].Metadata.Uid;
        await _h.EndAsync(_h.Pods, 1);
        await _h.UntilAsync(() => _h.Pods is [var pod] && pod.Metadata.Uid != first, "another has its name");
    }
}
