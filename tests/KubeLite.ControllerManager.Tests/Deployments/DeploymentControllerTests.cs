using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Deployments;

public sealed class DeploymentControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("deployment-controller", "replicaset-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private static V1Deployment Deployment(int replicas, string strategy = "RollingUpdate") => new()
    {
        Metadata = Meta("x"),
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = Selector,
            Template = Template(),
            ProgressDeadlineSeconds = 600,
            RevisionHistoryLimit = 10,
            Strategy = new V1DeploymentStrategy
            {
                Type = strategy,
                RollingUpdate = strategy == "Recreate" ? null : new V1RollingUpdateDeployment { MaxSurge = "25%", MaxUnavailable = "25%" },
            },
        },
    };

    private V1Deployment Stored => _h.Server.Find<V1Deployment>("ns", "x")!;

    private List<V1ReplicaSet> Sets => _h.Server.List<V1ReplicaSet>("ns");

    private V1DeploymentCondition? Condition(string type) => Stored.Status?.Conditions?.FirstOrDefault(c => c.Type == type);

    private async Task RunAsync(V1Deployment deployment)
    {
        await _h.Client.CreateAsync(deployment, default);
        await _h.UntilAsync(() => _h.Pods.Count == deployment.Spec.Replicas, "the Pods are there");
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => Condition("Progressing")?.Reason == "NewReplicaSetAvailable", "the roll-out is complete");
    }

    private Task SetImageAsync(string image) => _h.Client.PatchAsync<V1Deployment>("ns", "x", PatchFormat.Merge,
        new { spec = new { template = new { spec = new { containers = new[] { new { name = "c", image } } } } } }, WriteOptions.None,
        default);

    [Fact]
    public async Task Create_PodsBecomeReady_IsAvailableAndComplete()
    {
        await RunAsync(Deployment(2));
        var set = Assert.Single(Sets);
        var hash = set.Metadata.Labels["pod-template-hash"];
        Assert.Equal("x-" + hash, set.Metadata.Name);
        Assert.Equal("2", set.Metadata.Annotations["deployment.kubernetes.io/desired-replicas"]);
        Assert.Equal("3", set.Metadata.Annotations["deployment.kubernetes.io/max-replicas"]);
        Assert.Equal("1", set.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal("1", Stored.Metadata.Annotations["deployment.kubernetes.io/revision"]);
        Assert.Equal($"ReplicaSet \"{set.Metadata.Name}\" has successfully progressed.", Condition("Progressing")!.Message);
        Assert.Equal(["Available", "Progressing"], Stored.Status.Conditions.Select(c => c.Type));
        Assert.Equal(2, Stored.Status.AvailableReplicas);
        Assert.Null(Stored.Status.UnavailableReplicas);
        Assert.Equal(0, Stored.Status.TerminatingReplicas);
        await _h.UntilAsync(
            () => _h.Server.List<Corev1Event>("ns").Any(
                e => e.Reason == "ScalingReplicaSet" && e.Message == $"Scaled up replica set {set.Metadata.Name} from 0 to 2"),
            "the event is there");
    }

    [Fact]
    public async Task Update_Rolling_NeverBelowMinimumAndOldSetEndsEmpty()
    {
        await RunAsync(Deployment(4));
        await SetImageAsync("j");
        await _h.UntilAsync(() => Sets.Count == 2 && Stored.Status.ObservedGeneration == 2, "the second roll-out starts");
        while (Condition("Progressing")?.Reason != "NewReplicaSetAvailable" || Stored.Status.UpdatedReplicas != 4)
        {
            Assert.True(_h.Pods.Count(p => p.Status.Phase == "Running") >= 3);
            var waiting = _h.Pods.Where(p => p.Status.Phase == "Pending").ToList();
            await _h.MakeReadyAsync(waiting);
            await _h.UntilAsync(
                () => _h.Pods.Any(p => p.Status.Phase == "Pending") || Condition("Progressing")?.Reason == "NewReplicaSetAvailable",
                "the roll-out goes on");
        }
        Assert.Equal([0, 4], Sets.Select(s => s.Spec.Replicas!.Value).Order());
        Assert.All(_h.Pods, p => Assert.Equal("j", p.Spec.Containers[0].Image));
        Assert.Equal("2", Stored.Metadata.Annotations["deployment.kubernetes.io/revision"]);
    }

    [Fact]
    public async Task Update_Recreate_OldPodsGoFirst()
    {
        await RunAsync(Deployment(1, "Recreate"));
        await SetImageAsync("j");
        await _h.UntilAsync(() => Stored.Status.UnavailableReplicas == 1 && Stored.Status.UpdatedReplicas == 1, "the new Pod is counted");
        Assert.Equal("ReplicaSetUpdated", Condition("Progressing")!.Reason);
        Assert.All(Sets, s => Assert.Equal("1", s.Metadata.Annotations["deployment.kubernetes.io/max-replicas"]));
        Assert.Equal("j", Assert.Single(_h.Pods).Spec.Containers[0].Image);
    }

    [Fact]
    public async Task RollBack_ToOldTemplate_ReusesItsSetWithANewRevision()
    {
        await RunAsync(Deployment(1));
        await SetImageAsync("j");
        await _h.UntilAsync(() => _h.Pods.Any(p => p.Spec.Containers[0].Image == "j"), "the second revision starts");
        await SetImageAsync("i");
        await _h.UntilAsync(() => Stored.Metadata.Annotations["deployment.kubernetes.io/revision"] == "3", "the revision is the third");
        Assert.Equal(2, Sets.Count);
        var set = Sets.Single(s => s.Spec.Template.Spec.Containers[0].Image == "i");
        Assert.Equal("1", set.Metadata.Annotations["deployment.kubernetes.io/revision-history"]);
    }

    [Fact]
    public async Task Paused_OnlyScales()
    {
        var paused = Deployment(1);
        paused.Spec.Paused = true;
        await _h.Client.CreateAsync(paused, default);
        await _h.UntilAsync(() => Stored.Status?.ObservedGeneration == 1 && Condition("Available") is not null, "it is observed");
        Assert.Equal("DeploymentPaused", Condition("Progressing")!.Reason);
        Assert.Equal("Deployment is paused", Condition("Progressing")!.Message);
        Assert.Empty(Sets);
        await _h.Client.PatchAsync<V1Deployment>(
            "ns", "x", PatchFormat.Merge, new { spec = new { paused = false } }, WriteOptions.None, default);
        await _h.UntilAsync(() => _h.Pods.Count == 1, "the Pod is there");
        await _h.Client.PatchAsync<V1Deployment>(
            "ns", "x", PatchFormat.Merge, new { spec = new { replicas = 4 } }, WriteOptions.None, default);
        await _h.UntilAsync(() => _h.Pods.Count == 4, "four Pods are there");
        await _h.Client.PatchAsync<V1Deployment>(
            "ns", "x", PatchFormat.Merge, new { spec = new { replicas = 0 } }, WriteOptions.None, default);
        await _h.UntilAsync(
            () => _h.Pods.Count == 0 && Stored.Status.ObservedGeneration == 4 && Stored.Status.Replicas is null, "no Pod is left");
    }

    [Fact]
    public async Task History_BeyondLimit_OldestSetsGo()
    {
        var deployment = Deployment(1);
        deployment.Spec.RevisionHistoryLimit = 1;
        await RunAsync(deployment);
        foreach (var image in (string[])["j", "k", "l"])
        {
            await SetImageAsync(image);
            await _h.UntilAsync(() => _h.Pods.Any(p => p.Spec.Containers[0].Image == image), image + " starts");
            await _h.MakeReadyAsync(_h.Pods.Where(p => p.Status.Phase == "Pending"));
            await _h.UntilAsync(() => _h.Pods.All(p => p.Spec.Containers[0].Image == image), "only " + image + " runs");
        }
        await _h.UntilAsync(() => Sets.Count == 2, "two sets are left");
    }

    [Fact]
    public async Task Create_QuotaRefusesPods_FailureIsReported()
    {
        _h.Server.Fault((method, path) => method == "POST" && path == "/api/v1/namespaces/ns/pods" ? 403 : null);
        await _h.Client.CreateAsync(Deployment(1), default);
        await _h.UntilAsync(() => Condition("ReplicaFailure")?.Reason == "FailedCreate", "the failure is told");
        _h.Server.Fault(null);
        await _h.UntilAsync(() => _h.Pods.Count == 1 && Condition("ReplicaFailure") is null, "it recovers");
    }
}
