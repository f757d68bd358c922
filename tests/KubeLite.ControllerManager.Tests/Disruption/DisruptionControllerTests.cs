using k8s.Models;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Disruption;

public sealed class DisruptionControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("disruption-controller", "replicaset-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1PodDisruptionBudgetStatus? Status => _h.Server.Find<V1PodDisruptionBudget>("ns", "b")?.Status;

    [Theory]
    [InlineData("2", null, 2, 1)]
    [InlineData(null, "34%", 1, 2)]
    public async Task Budget_SomePodsReady_AllowsTheRest(string? minimum, string? maximum, int desired, int allowed)
    {
        await _h.Client.CreateAsync(
            new V1ReplicaSet
            {
                Metadata = Meta("x"),
                Spec = new V1ReplicaSetSpec { Replicas = 3, Selector = Selector, Template = Template() },
            },
            default);
        await _h.Client.CreateAsync(
            new V1PodDisruptionBudget
            {
                Metadata = Meta("b"),
                Spec = new V1PodDisruptionBudgetSpec
                {
                    Selector = Selector,
                    MinAvailable = minimum is null ? null : (IntOrString)minimum,
                    MaxUnavailable = maximum is null ? null : (IntOrString)maximum,
                },
            }, default);
        await _h.UntilAsync(() => _h.Pods.Count == 3 && Status?.ExpectedPods == 3, "the Pods are expected");
        Assert.Equal(0, Status!.DisruptionsAllowed);
        await _h.MakeReadyAsync(_h.Pods);
        await _h.UntilAsync(() => Status.DisruptionsAllowed == allowed, "some may go");
        Assert.Equal((3, desired), (Status.CurrentHealthy, Status.DesiredHealthy));
        Assert.Equal(("True", "SufficientPods"), (Status.Conditions[0].Status, Status.Conditions[0].Reason));
    }
}
