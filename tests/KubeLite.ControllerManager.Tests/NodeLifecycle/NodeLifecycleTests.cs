using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.NodeLifecycle;

public sealed class NodeLifecycleTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync(
        static o => o with
        {
            NodeMonitorGracePeriod = TimeSpan.FromMilliseconds(700),
            AllocateNodeCidrs = true,
            ClusterCidrs = ["10.244.0.0/16"],
        },
        "node-lifecycle-controller", "taint-eviction-controller", "pod-garbage-collector-controller", "node-ipam-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1Node? Stored => _h.Server.Find<V1Node>("", "n");

    private Task NodeAsync() => _h.Client.CreateAsync(
        new V1Node
        {
            Metadata = new V1ObjectMeta { Name = "n" },
            Spec = new V1NodeSpec { Taints = [new V1Taint { Key = "node.kubernetes.io/not-ready", Effect = "NoSchedule" }] },
            Status = new V1NodeStatus
            {
                Conditions = [new V1NodeCondition { Type = "Ready", Status = "True", LastHeartbeatTime = DateTime.UtcNow }],
            },
        }, default);

    private bool Recorded(string reason, string message) =>
        _h.Server.List<Corev1Event>("default").Any(
            e => e.Reason == reason && e.Message == message && e.InvolvedObject is { Kind: "Node", Name: "n" });

    private async Task PodAsync(string name, long? tolerationSeconds)
    {
        var spec = Template().Spec with { NodeName = "n", TerminationGracePeriodSeconds = 0 };
        if (tolerationSeconds is not null)
        {
            spec.Tolerations = [
                new V1Toleration { OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = tolerationSeconds },
            ];
        }
        var pod = await _h.Client.CreateAsync(new V1Pod { Metadata = Meta(name, Labels), Spec = spec }, default);
        await _h.MakeReadyAsync([pod]);
    }

    [Fact]
    public async Task Node_FallsSilent_IsTaintedAndPodsWithoutTolerationGo()
    {
        await NodeAsync();
        await PodAsync("goes", null);
        await PodAsync("stays", 3600);
        await _h.UntilAsync(
            () => Stored!.Status.Conditions.Any(c => c is { Type: "Ready", Status: "Unknown", Reason: "NodeStatusUnknown" }),
            "its state is unknown");
        await _h.UntilAsync(() => Stored!.Spec.Taints is { } taints && taints.Any(
            t => t is { Key: "node.kubernetes.io/unreachable", Effect: "NoExecute" })
            && taints.Any(t => t is { Key: "node.kubernetes.io/unreachable", Effect: "NoSchedule" })
            && taints.All(t => t.Key != "node.kubernetes.io/not-ready"), "it is tainted");
        await _h.UntilAsync(() => _h.Server.Find<V1Pod>("ns", "goes") is null, "one Pod is evicted");
        await _h.UntilAsync(
            () => _h.Server.Find<V1Pod>("ns", "stays")!.Status.Conditions.Any(c => c is { Type: "Ready", Status: "False" }),
            "the other is not ready");
    }

    [Fact]
    public async Task Node_Registers_GetsARangeOfItsOwn()
    {
        await NodeAsync();
        await _h.UntilAsync(() => Stored!.Spec.PodCIDR is not null, "it has a range");
        Assert.Equal("10.244.0.0/24", Stored!.Spec.PodCIDR);
        await _h.Client.CreateAsync(new V1Node { Metadata = new V1ObjectMeta { Name = "m" } }, default);
        await _h.UntilAsync(() => _h.Server.Find<V1Node>("", "m")!.Spec?.PodCIDR == "10.244.1.0/24", "the next has the next");
    }

    [Fact]
    public async Task Node_ComesAndGoes_IsRecorded()
    {
        await NodeAsync();
        await _h.UntilAsync(() => Recorded("RegisteredNode", "Node n event: Registered Node n in Controller"), "its coming is recorded");
        await _h.Client.DeleteAsync<V1Node>("", "n", null, default);
        await _h.UntilAsync(() => Recorded("RemovingNode", "Node n event: Removing Node n from Controller"), "its going is recorded");
    }

    [Fact]
    public async Task PodNeverScheduled_IsDeleted_Goes()
    {
        var pod = await _h.Client.CreateAsync(
            new V1Pod { Metadata = Meta("p") with { Finalizers = ["example.com/f"] }, Spec = Template().Spec }, default);
        await _h.Client.DeleteAsync<V1Pod>("ns", "p", null, default);
        await _h.UntilAsync(() => _h.Server.Find<V1Pod>("ns", "p")!.Status.Phase == "Failed", "it counts as failed");
    }
}
