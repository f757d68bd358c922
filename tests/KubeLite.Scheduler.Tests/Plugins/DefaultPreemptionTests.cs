using k8s.Models;
using Xunit;

namespace KubeLite.Scheduler.Tests.Plugins;

public sealed class DefaultPreemptionTests
{
    private readonly Cluster _cluster = new();

    [Fact]
    public async Task HigherPriority_NoRoom_NominatesTheNodeWithTheLeastImportantVictims()
    {
        _cluster.Node(Make.Node("a")).Node(Make.Node("b"))
            .Pod(Make.Pod("important", "a", "4", priority: 10)).Pod(Make.Pod("unimportant", "b", "4", priority: 1))
            .Pod(Make.Pod("x", null, "2", priority: 100));
        await _cluster.SettleAsync();

        var (pod, candidate) = Assert.Single(_cluster.Preemptions);
        Assert.Equal("x", pod);
        Assert.Equal("b", candidate.Node);
        Assert.Equal("unimportant", Assert.Single(candidate.Victims).Name);
        var failure = Assert.Single(_cluster.Failures);
        Assert.Equal("b", failure.Nominated);
        Assert.Equal("0/2 nodes are available: 2 Insufficient cpu.", failure.Message);
    }

    [Fact]
    public async Task Victims_OnlyAsManyAsNeeded_AreChosen()
    {
        _cluster.Node(Make.Node("a")).Pod(Make.Pod("v1", "a", "2", priority: 1)).Pod(Make.Pod("v2", "a", "2", priority: 2))
            .Pod(Make.Pod("x", null, "2", priority: 100));
        await _cluster.SettleAsync();

        Assert.Equal("v1", Assert.Single(Assert.Single(_cluster.Preemptions).Candidate.Victims).Name);
    }

    [Fact]
    public async Task DisruptionBudget_IsKeptWhereItCan()
    {
        _cluster.Objects.Add(new V1PodDisruptionBudget
        {
            Metadata = new V1ObjectMeta { Name = "budget", NamespaceProperty = "default" },
            Spec = new V1PodDisruptionBudgetSpec { Selector = Make.Selector("app", "a") },
            Status = new V1PodDisruptionBudgetStatus { DisruptionsAllowed = 0 },
        });
        _cluster.Node(Make.Node("a")).Node(Make.Node("b"))
            .Pod(Make.Pod("protected", "a", "4", labels: ("app", "a"))).Pod(Make.Pod("free", "b", "4", priority: 5))
            .Pod(Make.Pod("x", null, "2", priority: 100));
        await _cluster.SettleAsync();

        Assert.Equal("b", Assert.Single(_cluster.Preemptions).Candidate.Node);
    }

    [Fact]
    public async Task PolicyNever_DoesNotPreempt()
    {
        var pod = Make.Pod("x", null, "2", priority: 100);
        pod.Spec.PreemptionPolicy = "Never";
        _cluster.Node(Make.Node("a")).Pod(Make.Pod("v", "a", "4")).Pod(pod);
        await _cluster.SettleAsync();

        Assert.Empty(_cluster.Preemptions);
        Assert.EndsWith(
            "preemption: not eligible due to preemptionPolicy=Never.", Assert.Single(_cluster.Failures).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nominated_RoomIsKeptFromLesserPods()
    {
        var nominated = Make.Pod("x", null, "4", priority: 100);
        nominated.Status.NominatedNodeName = "a";
        nominated.Spec.SchedulingGates = [new V1PodSchedulingGate { Name = "wait" }];
        _cluster.Node(Make.Node("a")).Pod(nominated).Pod(Make.Pod("y", null, "1"));
        await _cluster.SettleAsync();

        Assert.DoesNotContain("y", _cluster.Bound.Keys);
    }

    [Fact]
    public async Task VictimGone_PreemptorIsScheduledThere()
    {
        var victim = Make.Pod("v", "a", "4");
        _cluster.Node(Make.Node("a")).Pod(victim).Pod(Make.Pod("x", null, "2", priority: 100));
        await _cluster.SettleAsync();
        _cluster.Changes.PodDeleted(victim);
        await _cluster.SettleAsync();

        Assert.Equal("a", _cluster.Bound["x"]);
    }
}
