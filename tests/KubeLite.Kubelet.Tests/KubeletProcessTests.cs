using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Objects;
using Xunit;
using static KubeLite.Kubelet.Tests.KubeletFixture;

namespace KubeLite.Kubelet.Tests;

public sealed class KubeletProcessTests
{
    [Fact]
    public async Task Start_RegistersNodesWithLeases()
    {
        await using var fixture = await StartAsync(new KubeletOptions { Nodes = 3 });

        var nodes = fixture.Server.List<V1Node>();
        Assert.Equal(["node-0", "node-1", "node-2"], nodes.ConvertAll(node => node.Metadata.Name));
        Assert.All(nodes, node =>
        {
            Assert.Equal(node.Metadata.Name, node.Metadata.Labels["kubernetes.io/hostname"]);
            Assert.Equal("v1.36.2", node.Status.NodeInfo.KubeletVersion);
            var ready = node.Status.Conditions.Single(condition => condition.Type == "Ready");
            Assert.Equal(("True", "KubeletReady"), (ready.Status, ready.Reason));
        });
        Assert.Equal("10.244.2.0/24", nodes[2].Spec.PodCIDR);
        var lease = fixture.Server.Find<V1Lease>("kube-node-lease", "node-1")!;
        Assert.Equal(40, lease.Spec.LeaseDurationSeconds);
        Assert.Equal("node-1", lease.Metadata.OwnerReferences.Single().Name);
    }

    [Fact]
    public async Task Pod_BecomesRunningAndReady_WithOneWrite()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod());
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");

        var pod = fixture.Pod()!;
        Assert.Equal("Running", pod.Status.Phase);
        Assert.StartsWith("10.244.0.", pod.Status.PodIP, StringComparison.Ordinal);
        var container = Assert.Single(pod.Status.ContainerStatuses);
        Assert.True(container.Ready);
        Assert.True(container.Started);
        Assert.NotNull(container.State.Running.StartedAt);
        Assert.StartsWith("simulated://", container.ContainerID, StringComparison.Ordinal);
        Assert.Equal(
            ["ContainersReady", "Initialized", "PodReadyToStartContainers", "PodScheduled", "Ready"],
            pod.Status.Conditions.Where(condition => condition.Status == "True").Select(condition => condition.Type).Order());
        Assert.Single(
            fixture.Server.Requests,
            request => request.StartsWith("PATCH /api/v1/namespaces/default/pods/x/status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pod_OfAJob_Succeeds()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod("Never", ("run-duration", "10ms")));
        await fixture.UntilAsync(pod => pod.Status.Phase == "Succeeded", "the Pod has succeeded");

        var pod = fixture.Pod()!;
        Assert.Equal("Completed", pod.Status.ContainerStatuses[0].State.Terminated.Reason);
        Assert.Equal("PodCompleted", PodConditions.Find(pod, "Ready")!.Reason);
    }

    [Fact]
    public async Task Pod_NeverRestarted_FailsWithItsExitCode()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod("Never", ("run-duration", "10ms"), ("c.exit-code", "3")));
        await fixture.UntilAsync(pod => pod.Status.Phase == "Failed", "the Pod has failed");

        Assert.Equal(3, fixture.Pod()!.Status.ContainerStatuses[0].State.Terminated.ExitCode);
    }

    [Fact]
    public async Task Pod_ThatCrashes_RestartsOnceThenBacksOff()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod("Always", ("run-duration", "10ms"), ("exit-code", "1")));
        await fixture.UntilAsync(
            pod => pod.Status.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff", "the container backs off");

        var container = fixture.Pod()!.Status.ContainerStatuses[0];
        Assert.Equal(1, container.RestartCount);
        Assert.Equal(1, container.LastState.Terminated.ExitCode);
        Assert.StartsWith(
            "back-off 10s restarting failed container=c pod=x_default(", container.State.Waiting.Message, StringComparison.Ordinal);
        Assert.Equal("Running", fixture.Pod()!.Status.Phase);
    }

    [Fact]
    public async Task InitContainers_RunInOrderBeforeTheOthers_SidecarsBeside()
    {
        await using var fixture = await StartAsync();
        var pod = NewPod("Always", ("first.run-duration", "20ms"));
        pod.Spec.InitContainers =
        [
            new V1Container { Name = "first", Image = "i" },
            new V1Container { Name = "sidecar", Image = "i", RestartPolicy = "Always" },
            new V1Container { Name = "second", Image = "i" },
        ];
        await fixture.CreateAsync(pod);
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");

        var statuses = fixture.Pod()!.Status.InitContainerStatuses;
        Assert.Equal("Completed", statuses[0].State.Terminated.Reason);
        Assert.NotNull(statuses[1].State.Running);
        Assert.Equal("Completed", statuses[2].State.Terminated.Reason);
        Assert.True(statuses[0].State.Terminated.FinishedAt <= statuses[2].State.Terminated.StartedAt);
    }

    [Fact]
    public async Task InitContainer_ThatFailsForGood_FailsThePod()
    {
        await using var fixture = await StartAsync();
        var pod = NewPod("Never", ("init.exit-code", "1"));
        pod.Spec.InitContainers = [new V1Container { Name = "init", Image = "i" }];
        await fixture.CreateAsync(pod);
        await fixture.UntilAsync(found => found.Status.Phase == "Failed", "the Pod has failed");

        Assert.Equal("PodInitializing", fixture.Pod()!.Status.ContainerStatuses[0].State.Waiting.Reason);
    }

    [Fact]
    public async Task Sidecar_EndsAfterTheJobsContainer()
    {
        await using var fixture = await StartAsync();
        var pod = NewPod("Never", ("c.run-duration", "10ms"));
        pod.Spec.InitContainers = [new V1Container { Name = "sidecar", Image = "i", RestartPolicy = "Always" }];
        await fixture.CreateAsync(pod);

        await fixture.UntilAsync(found => found.Status.Phase == "Succeeded", "the Pod has succeeded");
    }

    [Fact]
    public async Task ReadinessGate_HoldsTheReadyCondition()
    {
        await using var fixture = await StartAsync();
        var pod = NewPod();
        pod.Spec.ReadinessGates = [new V1PodReadinessGate { ConditionType = "example.com/gate" }];
        await fixture.CreateAsync(pod);
        await fixture.UntilAsync(found => PodConditions.Find(found, "ContainersReady")?.Status == "True", "the containers are ready");
        Assert.Equal("ReadinessGatesNotReady", PodConditions.Find(fixture.Pod()!, "Ready")!.Reason);

        await fixture.Client.PatchStatusAsync<V1Pod>(
            "default", "x", PatchFormat.StrategicMerge,
            new { status = new { conditions = new[] { new { type = "example.com/gate", status = "True" } } } }, CancellationToken.None);
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");
    }

    [Fact]
    public async Task Delete_GivesThePodItsGraceThenRemovesIt()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod("Always", ("stop-delay", "50ms")));
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");
        await fixture.Client.DeleteAsync<V1Pod>("default", "x", new V1DeleteOptions { GracePeriodSeconds = 30 }, CancellationToken.None);

        await fixture.Server.UntilAsync(() => fixture.Pod() is null, "the Pod is gone");
    }

    [Fact]
    public async Task ActiveDeadline_FailsThePod()
    {
        await using var fixture = await StartAsync();
        var pod = NewPod();
        pod.Spec.ActiveDeadlineSeconds = 1;
        await fixture.CreateAsync(pod);
        await fixture.UntilAsync(found => found.Status.Phase == "Failed", "the Pod has failed");

        Assert.Equal("DeadlineExceeded", fixture.Pod()!.Status.Reason);
    }

    [Fact]
    public async Task Restart_FindsRunningContainersAgain()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod());
        await fixture.UntilAsync(PodConditions.IsReady, "the Pod is ready");
        var before = fixture.Pod()!;
        await fixture.Kubelet!.DisposeAsync();
        // One that is listed before the other must not get its address.
        await fixture.CreateAsync(WithName(NewPod(), "a"));
        await fixture.StartKubeletAsync(new KubeletOptions());
        await fixture.CreateAsync(WithName(NewPod(), "y"));
        await fixture.UntilAsync(PodConditions.IsReady, "the second Pod is ready", "a");
        await fixture.UntilAsync(PodConditions.IsReady, "the third Pod is ready", "y");

        var after = fixture.Pod()!;
        Assert.Equal(before.Status.ContainerStatuses[0].ContainerID, after.Status.ContainerStatuses[0].ContainerID);
        Assert.Equal(0, after.Status.ContainerStatuses[0].RestartCount);
        // Nothing was written: what stands there is what it was.
        Assert.Equal(k8s.KubernetesJson.Serialize(before), k8s.KubernetesJson.Serialize(after));
        Assert.Equal(3, new HashSet<string> { after.Status.PodIP, fixture.Pod("a")!.Status.PodIP, fixture.Pod("y")!.Status.PodIP }.Count);
    }

    [Fact]
    public async Task Start_RecordsWhatItSaysOfItsNode_AndOnlyOnceThatItBecameReady()
    {
        await using var fixture = await StartAsync();
        await fixture.Server.UntilAsync(() => NodeEvents("NodeReady").Count == 1, "the events of the node are there");
        Assert.Equal(
            ["NodeAllocatableEnforced", "NodeHasNoDiskPressure",
                "NodeHasSufficientMemory", "NodeHasSufficientPID", "NodeReady", "Starting"],
            NodeEvents(null).Select(e => e.Reason).Order(StringComparer.Ordinal));
        var ready = NodeEvents("NodeReady").Single();
        Assert.Equal(
            ("Node node-0 status is now: NodeReady", "kubelet", "node-0"), (ready.Message, ready.Source.Component, ready.Source.Host));
        Assert.Equal(("node-0", "default"), (ready.InvolvedObject.Uid, ready.Metadata.NamespaceProperty));

        await fixture.Kubelet!.DisposeAsync();
        await fixture.StartKubeletAsync(new KubeletOptions());
        await fixture.Server.UntilAsync(() => NodeEvents("NodeAllocatableEnforced").Sum(e => e.Count) == 2, "it has started again");
        Assert.Equal(1, NodeEvents("NodeReady").Sum(e => e.Count));

        List<Corev1Event> NodeEvents(string? reason) =>
            fixture.Server.List<Corev1Event>().FindAll(e => e.InvolvedObject.Kind == "Node" && (reason is null || e.Reason == reason));
    }

    [Fact]
    public async Task Events_TellTheStory()
    {
        await using var fixture = await StartAsync();
        await fixture.CreateAsync(NewPod());
        await fixture.Server.UntilAsync(() => PodEvents().Count == 3, "three events are there");

        Assert.Equal(["Created", "Pulled", "Started"], PodEvents().Select(found => found.Reason).Order());

        List<Corev1Event> PodEvents() => fixture.Server.List<Corev1Event>("default").FindAll(found => found.InvolvedObject.Kind == "Pod");
    }

    private static V1Pod WithName(V1Pod pod, string name)
    {
        pod.Metadata.Name = name;
        return pod;
    }
}
