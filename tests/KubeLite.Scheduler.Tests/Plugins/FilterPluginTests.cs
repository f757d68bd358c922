using k8s.Models;
using KubeLite.Scheduler.Matching;
using Xunit;

namespace KubeLite.Scheduler.Tests.Plugins;

public sealed class FilterPluginTests
{
    private readonly Cluster _cluster = new();

    [Fact]
    public void NodeResourcesFit_TooLittleLeft_NamesEachResource()
    {
        _cluster.Node(Make.Node("a")).Pod(Make.Pod("x", "a", "3", "7Gi"));

        Assert.StartsWith(
            "0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, preemption:",
            Why(Make.Pod("y", null, "2", "2Gi")), StringComparison.Ordinal);
    }

    [Fact]
    public void NodeResourcesFit_MoreThanANodeHas_PreemptionCannotHelp()
    {
        _cluster.Node(Make.Node("a"));

        Assert.Equal(
            "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, " +
            "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            Why(Make.Pod("y", null, "64")));
    }

    [Fact]
    public void NodeResourcesFit_AllPodsTaken_SaysSo()
    {
        _cluster.Node(Make.Node("a", pods: 1)).Pod(Make.Pod("x", "a"));

        Assert.StartsWith("0/1 nodes are available: 1 Too many pods.", Why(Make.Pod("y")), StringComparison.Ordinal);
    }

    [Fact]
    public void NodeResourcesFit_ExtendedResource_IsCounted()
    {
        var node = Make.Node("a");
        node.Status.Allocatable["example.com/gpu"] = new ResourceQuantity("1");
        var pod = Make.Pod("y");
        pod.Spec.Containers[0].Resources.Requests["example.com/gpu"] = new ResourceQuantity("2");
        _cluster.Node(node);

        Assert.StartsWith("0/1 nodes are available: 1 Insufficient example.com/gpu.", Why(pod), StringComparison.Ordinal);
    }

    [Fact]
    public void NodeResourcesFit_SidecarsAndInitContainers_CountAsKubernetesDoes()
    {
        var pod = Make.Pod("y", null, "1");
        pod.Spec.InitContainers =
        [
            Container("sidecar", "1", "Always"),
            Container("init", "3", null),
        ];

        // Sidecar and init container together need 4, more than the 2 of sidecar and container.
        Assert.Equal(4000, new KubeLite.Scheduler.Framework.PodInfo(pod).Requests.MilliCpu);
    }

    [Fact]
    public void NodeUnschedulable_CordonedNode_MessageIsKubernetes()
    {
        var node = Make.Node("a");
        node.Spec.Unschedulable = true;
        _cluster.Node(node);

        Assert.Equal(
            "0/1 nodes are available: 1 node(s) were unschedulable. no new claims to deallocate, " +
            "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
            Why(Make.Pod("x")));
    }

    [Fact]
    public void NodeUnschedulable_Tolerated_Fits()
    {
        var node = Make.Node("a");
        node.Spec.Unschedulable = true;
        var pod = Make.Pod("x");
        pod.Spec.Tolerations = [new V1Toleration { Key = "node.kubernetes.io/unschedulable", OperatorProperty = "Exists" }];

        Assert.Equal("a", _cluster.Node(node).Find(pod).Node);
    }

    [Theory]
    [InlineData("Equal", "v", true)]
    [InlineData("Equal", "w", false)]
    [InlineData("Exists", null, true)]
    public void TaintToleration_NoSchedule_AsTolerated(string op, string? value, bool fits)
    {
        var node = Make.Node("a");
        node.Spec.Taints = [new V1Taint { Key = "k", Value = "v", Effect = "NoSchedule" }];
        var pod = Make.Pod("x");
        pod.Spec.Tolerations = [new V1Toleration { Key = "k", OperatorProperty = op, Value = value }];
        _cluster.Node(node);

        Assert.Equal(fits, _cluster.Find(pod).Node is not null);
        if (!fits)
        {
            Assert.StartsWith("0/1 nodes are available: 1 node(s) had untolerated taint(s).", Why(pod), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("In", "z1", true)]
    [InlineData("NotIn", "z1", false)]
    [InlineData("Exists", null, true)]
    [InlineData("DoesNotExist", null, false)]
    [InlineData("Gt", "3", false)]
    public void NodeAffinity_Operators_Match(string op, string? value, bool fits)
    {
        _cluster.Node(Make.Node("a", labels: ("zone", "z1")));
        var pod =
            WithAffinity(new V1NodeSelectorRequirement { Key = "zone", OperatorProperty = op, Values = value is null ? null : [value] });

        Assert.Equal(fits, _cluster.Find(pod).Node is not null);
    }

    [Fact]
    public void NodeAffinity_MatchFieldsName_LooksAtThatNodeOnly()
    {
        _cluster.Node(Make.Node("a")).Node(Make.Node("b")).Node(Make.Node("c"));
        var pod = Make.Pod("x");
        pod.Spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
                {
                    NodeSelectorTerms =
                    [
                        new V1NodeSelectorTerm
                        {
                            MatchFields = [
                                new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = ["b"] },
                            ],
                        },
                    ],
                },
            },
        };

        Assert.Equal("b", _cluster.Find(pod).Node);
    }

    [Fact]
    public void NodeAffinity_SelectorMatchesNothing_MessageIsKubernetes()
    {
        var pod = Make.Pod("x");
        pod.Spec.NodeSelector = new Dictionary<string, string> { ["disk"] = "ssd" };
        _cluster.Node(Make.Node("a")).Node(Make.Node("b"));

        Assert.StartsWith(
            "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", Why(pod), StringComparison.Ordinal);
    }

    [Fact]
    public void NodePorts_Taken_MessageIsKubernetes()
    {
        _cluster.Node(Make.Node("a")).Pod(WithPort(Make.Pod("x", "a"), "127.0.0.1", 8080));

        Assert.Equal("a", _cluster.Find(WithPort(Make.Pod("y"), "127.0.0.2", 8080)).Node);
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. no new claims to deallocate, " +
            "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
            Why(WithPort(Make.Pod("z"), null, 8080)));
    }

    [Fact]
    public void Message_SeveralReasons_AreSortedAndCounted()
    {
        var tainted = Make.Node("b");
        tainted.Spec.Taints = [new V1Taint { Key = "k", Effect = "NoSchedule" }];
        var tainted2 = Make.Node("c");
        tainted2.Spec.Taints = [new V1Taint { Key = "k", Effect = "NoExecute" }];
        _cluster.Node(Make.Node("a")).Node(tainted).Node(tainted2);

        Assert.Equal(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). no new claims to deallocate, " +
            "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
            Why(Make.Pod("x", null, "5")));
    }

    [Fact]
    public void NoNodes_Message_IsKubernetes() =>
        Assert.Equal("no nodes available to schedule pods", _cluster.Find(Make.Pod("x")).Status.Message);

    /// <summary>What the Pod's status would say, preemption included.</summary>
    private string Why(V1Pod pod)
    {
        _cluster.Pod(pod);
        _cluster.SettleAsync().GetAwaiter().GetResult();
        return Assert.Single(_cluster.Failures).Message;
    }

    private static V1Pod WithAffinity(V1NodeSelectorRequirement requirement)
    {
        var pod = Make.Pod("x");
        pod.Spec.Affinity = new V1Affinity
        {
            NodeAffinity = new V1NodeAffinity
            {
                RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
                {
                    NodeSelectorTerms = [new V1NodeSelectorTerm { MatchExpressions = [requirement] }],
                },
            },
        };
        return pod;
    }

    private static V1Pod WithPort(V1Pod pod, string? address, int port)
    {
        pod.Spec.Containers[0].Ports = [new V1ContainerPort { ContainerPort = 80, HostPort = port, HostIP = address, Protocol = "TCP" }];
        return pod;
    }

    private static V1Container Container(string name, string cpu, string? restartPolicy) => new()
    {
        Name = name,
        RestartPolicy = restartPolicy,
        Resources = new V1ResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } },
    };
}
