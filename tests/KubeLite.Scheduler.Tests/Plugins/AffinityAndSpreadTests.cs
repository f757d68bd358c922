using k8s.Models;
using Xunit;

namespace KubeLite.Scheduler.Tests.Plugins;

public sealed class AffinityAndSpreadTests
{
    private const string Host = "kubernetes.io/hostname";
    private const string Zone = "topology.kubernetes.io/zone";

    private readonly Cluster _cluster = new();

    [Fact]
    public void InterPodAffinity_NothingToJoin_MessageIsKubernetes()
    {
        _cluster.Node(Make.Node("a"));

        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
            _cluster.WhyNot(Joining(Make.Pod("x"), "app", "a")));
    }

    [Fact]
    public void InterPodAffinity_FirstOfItsKind_GoesAnywhere()
    {
        _cluster.Node(Make.Node("a"));

        Assert.Equal("a", _cluster.Find(Joining(Make.Pod("x", labels: ("app", "a")), "app", "a")).Node);
    }

    [Fact]
    public void InterPodAffinity_OtherPodThere_JoinsIt()
    {
        _cluster.Node(Make.Node("a")).Node(Make.Node("b")).Pod(Make.Pod("y", "b", labels: ("app", "a")));

        Assert.Equal("b", _cluster.Find(Joining(Make.Pod("x"), "app", "a")).Node);
    }

    [Fact]
    public void InterPodAffinity_AntiAffinity_AvoidsTheOther()
    {
        _cluster.Node(Make.Node("a")).Pod(Make.Pod("y", "a", labels: ("app", "a")));

        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
            _cluster.WhyNot(Avoiding(Make.Pod("x"), "app", "a")));
    }

    [Fact]
    public void InterPodAffinity_ExistingPodsAntiAffinity_IsRespected()
    {
        _cluster.Node(Make.Node("a")).Pod(Avoiding(Make.Pod("y", "a"), "app", "a"));

        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.",
            _cluster.WhyNot(Make.Pod("x", labels: ("app", "a"))));
    }

    [Fact]
    public void InterPodAffinity_NamespaceSelector_SelectsByLabels()
    {
        _cluster.Objects.Add(new V1Namespace
        {
            Metadata = new V1ObjectMeta { Name = "other", Labels = new Dictionary<string, string> { ["team"] = "t" } },
        });
        var other = Make.Pod("y", "a", labels: ("app", "a"));
        other.Metadata.NamespaceProperty = "other";
        _cluster.Node(Make.Node("a")).Pod(other);
        var pod = Avoiding(Make.Pod("x"), "app", "a");

        Assert.Equal("a", _cluster.Find(pod).Node);
        pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution[0].NamespaceSelector = Make.Selector("team", "t");
        Assert.Null(_cluster.Find(pod).Node);
    }

    [Fact]
    public void InterPodAffinity_Preferred_RaisesTheScore()
    {
        _cluster.Node(Make.Node("a")).Node(Make.Node("b")).Node(Make.Node("c")).Pod(Make.Pod("y", "b", labels: ("app", "a")));
        var pod = Make.Pod("x");
        pod.Spec.Affinity = new V1Affinity
        {
            PodAffinity = new V1PodAffinity
            {
                PreferredDuringSchedulingIgnoredDuringExecution =
                    [new V1WeightedPodAffinityTerm { Weight = 100, PodAffinityTerm = Term("app", "a") }],
            },
        };

        Assert.Equal("b", _cluster.Find(pod).Node);
    }

    [Fact]
    public void PodTopologySpread_Hard_KeepsTheSkew()
    {
        _cluster.Node(Make.Node("a", labels: (Zone, "1"))).Node(Make.Node("b", labels: (Zone, "2")))
            .Pod(Make.Pod("y", "a", labels: ("app", "a")));

        Assert.Equal("b", _cluster.Find(Spread(Make.Pod("x", labels: ("app", "a")), Zone, 1)).Node);
    }

    [Fact]
    public void PodTopologySpread_LabelMissing_MessageIsKubernetes()
    {
        _cluster.Node(Make.Node("a"));

        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
            _cluster.WhyNot(Spread(Make.Pod("x", labels: ("app", "a")), Zone, 1)));
    }

    [Fact]
    public void PodTopologySpread_MinDomains_CountsMissingDomainsAsEmpty()
    {
        _cluster.Node(Make.Node("a", labels: (Zone, "1"))).Pod(Make.Pod("y", "a", labels: ("app", "a")));
        var pod = Spread(Make.Pod("x", labels: ("app", "a")), Zone, 1);

        Assert.Equal("a", _cluster.Find(pod).Node);
        pod.Spec.TopologySpreadConstraints[0].MinDomains = 2;
        Assert.Equal(
            "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.", _cluster.WhyNot(pod));
    }

    [Fact]
    public void PodTopologySpread_SystemDefaults_SpreadSiblings()
    {
        _cluster.Objects.Add(new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta { Name = "rs", NamespaceProperty = "default" },
            Spec = new V1ReplicaSetSpec { Selector = Make.Selector("app", "a") },
        });
        _cluster.Node(Make.Node("a")).Node(Make.Node("b")).Pod(Make.Pod("y", "a", labels: ("app", "a")));
        var pod = Make.Pod("x", labels: ("app", "a"));
        pod.Metadata.OwnerReferences = [new V1OwnerReference { Kind = "ReplicaSet", Name = "rs", Controller = true }];

        Assert.Equal("b", _cluster.Find(pod).Node);
    }

    [Fact]
    public void LeastAllocated_EmptierNode_IsPreferred()
    {
        _cluster.Node(Make.Node("a")).Node(Make.Node("b")).Pod(Make.Pod("y", "a", "2", "2Gi"));

        Assert.Equal("b", _cluster.Find(Make.Pod("x", null, "1", "1Gi")).Node);
    }

    [Fact]
    public void ImageLocality_NodeWithTheImage_IsPreferred()
    {
        var node = Make.Node("b");
        node.Status.Images = [new V1ContainerImage { Names = ["nginx:1.27"], SizeBytes = 900L << 20 }];
        _cluster.Node(Make.Node("a")).Node(node);

        Assert.Equal("b", _cluster.Find(Make.Pod("x")).Node);
    }

    private static V1PodAffinityTerm Term(string key, string value) =>
        new() { TopologyKey = Host, LabelSelector = Make.Selector(key, value) };

    private static V1Pod Joining(V1Pod pod, string key, string value)
    {
        pod.Spec.Affinity = new V1Affinity
        {
            PodAffinity = new V1PodAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [Term(key, value)] },
        };
        return pod;
    }

    private static V1Pod Avoiding(V1Pod pod, string key, string value)
    {
        pod.Spec.Affinity = new V1Affinity
        {
            PodAntiAffinity = new V1PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [Term(key, value)] },
        };
        return pod;
    }

    private static V1Pod Spread(V1Pod pod, string key, int skew)
    {
        pod.Spec.TopologySpreadConstraints =
        [
            new V1TopologySpreadConstraint
            {
                TopologyKey = key,
                MaxSkew = skew,
                WhenUnsatisfiable = "DoNotSchedule",
                LabelSelector = Make.Selector("app", "a"),
            },
        ];
        return pod;
    }
}
