using k8s.Models;
using KubeLite.Scheduler.Matching;
using Xunit;

namespace KubeLite.Scheduler.Tests.Plugins;

public sealed class VolumeBindingTests
{
    private readonly Cluster _cluster = new();

    public VolumeBindingTests() => _cluster.Node(Make.Node("a")).Node(Make.Node("b"));

    [Fact]
    public async Task MissingClaim_Message_IsKubernetes()
    {
        _cluster.Pod(WithClaim(Make.Pod("x"), "nope"));
        await _cluster.SettleAsync();

        Assert.Equal(
            "0/2 nodes are available: persistentvolumeclaim \"nope\" not found. not found",
            Assert.Single(_cluster.Failures).Message);
    }

    [Fact]
    public void ImmediateClaimUnbound_IsRefused()
    {
        Claim("claim", "class");
        Class("class", "Immediate");

        Assert.Equal(
            "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.",
            _cluster.WhyNot(WithClaim(Make.Pod("x"), "claim")));
    }

    [Fact]
    public async Task WaitingClaim_LocalVolume_TakesThePodToItsNodeAndIsBound()
    {
        var claim = Claim("claim", "class");
        Class("class", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");
        Volume("volume", "class", "b");
        _cluster.Pod(WithClaim(Make.Pod("x"), "claim"));
        await _cluster.SettleAsync();

        Assert.Equal("b", _cluster.Bound["x"]);
        Assert.Equal("volume", claim.Spec.VolumeName);
    }

    [Fact]
    public void WaitingClaim_NoVolumeAndNoProvisioner_MessageIsKubernetes()
    {
        Claim("claim", "class");
        Class("class", "WaitForFirstConsumer", "kubernetes.io/no-provisioner");

        Assert.Equal(
            "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.",
            _cluster.WhyNot(WithClaim(Make.Pod("x"), "claim")));
    }

    [Fact]
    public async Task WaitingClaim_Provisioner_ProvisionsForTheNode()
    {
        var claim = Claim("claim", "class");
        Class("class", "WaitForFirstConsumer", "example.com/disk");
        _cluster.Pod(WithClaim(Make.Pod("x"), "claim"));
        await _cluster.SettleAsync();

        Assert.Equal("provisioned-on-" + _cluster.Bound["x"], claim.Spec.VolumeName);
    }

    [Fact]
    public void BoundClaim_VolumeElsewhere_MessageIsKubernetes()
    {
        _cluster.Objects.Complete(Claim("claim", "class"), "volume");
        Volume("volume", "class", "b");
        var pod = WithClaim(Make.Pod("x"), "claim");

        Assert.Equal("b", _cluster.Find(pod).Node);
        pod.Spec.NodeSelector = new Dictionary<string, string> { ["kubernetes.io/hostname"] = "a" };
        Assert.Equal(
            "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had volume node affinity conflict.",
            _cluster.WhyNot(pod));
    }

    private V1PersistentVolumeClaim Claim(string name, string storageClass)
    {
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default", Uid = "uid-" + name },
            Spec = new V1PersistentVolumeClaimSpec
            {
                StorageClassName = storageClass,
                AccessModes = ["ReadWriteOnce"],
                Resources = new V1VolumeResourceRequirements
                {
                    Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("1Gi") },
                },
            },
        };
        _cluster.Objects.Add(claim);
        return claim;
    }

    private void Class(string name, string mode, string provisioner = "example.com/disk") => _cluster.Objects.Add(new V1StorageClass
    {
        Metadata = new V1ObjectMeta { Name = name },
        Provisioner = provisioner,
        VolumeBindingMode = mode,
    });

    private void Volume(string name, string storageClass, string node) => _cluster.Objects.Add(new V1PersistentVolume
    {
        Metadata = new V1ObjectMeta { Name = name },
        Spec = new V1PersistentVolumeSpec
        {
            StorageClassName = storageClass,
            AccessModes = ["ReadWriteOnce"],
            Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new("2Gi") },
            NodeAffinity = new V1VolumeNodeAffinity
            {
                Required = new V1NodeSelector
                {
                    NodeSelectorTerms =
                    [
                        new V1NodeSelectorTerm
                        {
                            MatchExpressions =
                            [
                                new V1NodeSelectorRequirement { Key = "kubernetes.io/hostname", OperatorProperty = "In", Values = [node] },
                            ],
                        },
                    ],
                },
            },
        },
    });

    private static V1Pod WithClaim(V1Pod pod, string claim)
    {
        pod.Spec.Volumes =
        [
            new V1Volume { Name = "v", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = claim } },
        ];
        return pod;
    }
}
