using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Volumes;

public sealed class VolumeTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync(
        "persistentvolume-binder-controller", "persistentvolumeclaim-protection-controller", "persistentvolume-protection-controller",
        "ephemeral-volume-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private V1PersistentVolumeClaim? Claim(string name = "c") => _h.Server.Find<V1PersistentVolumeClaim>("ns", name);

    private V1PersistentVolume? Volume(string name) => _h.Server.Find<V1PersistentVolume>("", name);

    private Task VolumeAsync(string name, string size) => _h.Client.CreateAsync(
        new V1PersistentVolume
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1PersistentVolumeSpec
            {
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = new(size) },
                AccessModes = ["ReadWriteOnce"],
                PersistentVolumeReclaimPolicy = "Retain",
                HostPath = new V1HostPathVolumeSource { Path = "/data" },
            },
        }, default);

    private Task ClaimAsync(string? storageClass = null) => _h.Client.CreateAsync(
        new V1PersistentVolumeClaim
        {
            Metadata = Meta("c"),
            Spec = new V1PersistentVolumeClaimSpec
            {
                AccessModes = ["ReadWriteOnce"],
                StorageClassName = storageClass,
                Resources = new V1VolumeResourceRequirements
                {
                    Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new("2Gi") },
                },
            },
        }, default);

    [Fact]
    public async Task Claim_SmallestFittingVolume_IsBound_ThenReleased()
    {
        await VolumeAsync("small", "1Gi");
        await VolumeAsync("large", "10Gi");
        await VolumeAsync("fits", "3Gi");
        await _h.UntilAsync(() => Volume("fits")!.Status?.Phase == "Available", "it is available");
        await ClaimAsync();
        await _h.UntilAsync(() => Claim()!.Status?.Phase == "Bound" && Volume("fits")!.Status.Phase == "Bound"
            && Claim()!.Metadata.Finalizers?.Contains("kubernetes.io/pvc-protection") == true, "they are bound and the claim is protected");
        Assert.Equal("fits", Claim()!.Spec.VolumeName);
        Assert.Equal("3Gi", Claim()!.Status.Capacity["storage"].ToString());
        await _h.Client.DeleteAsync<V1PersistentVolumeClaim>("ns", "c", null, default);
        await _h.UntilAsync(() => Claim() is null && Volume("fits")!.Status.Phase == "Released", "it is released");
    }

    [Fact]
    public async Task Claim_UsedByPod_StaysUntilThePodEnds()
    {
        await ClaimAsync();
        await _h.UntilAsync(() => Claim()!.Metadata.Finalizers is { Count: 1 } && Claim()!.Status?.Phase == "Pending", "it is protected");
        var spec = Template().Spec with
        {
            NodeName = "n",
            Volumes = [
            new V1Volume { Name = "v", PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = "c" } },
        ]
        };
        var pod = await _h.Client.CreateAsync(new V1Pod { Metadata = Meta("p"), Spec = spec }, default);
        await _h.Client.DeleteAsync<V1PersistentVolumeClaim>("ns", "c", null, default);
        Assert.NotNull(Claim());
        await _h.EndAsync([pod], 0);
        await _h.UntilAsync(() => Claim() is null, "it is gone");
    }

    [Fact]
    public async Task Claim_WaitsForFirstConsumer_ThenAsksTheProvisioner()
    {
        await _h.Client.CreateAsync(
            new V1StorageClass
            {
                Metadata = new V1ObjectMeta { Name = "sc" },
                Provisioner = "example.com/p",
                VolumeBindingMode = "WaitForFirstConsumer",
            },
            default);
        await ClaimAsync("sc");
        await _h.UntilAsync(() => _h.Server.List<Corev1Event>("ns").Any(e => e.Reason == "WaitForFirstConsumer"), "it waits");
        await _h.Client.PatchAsync<V1PersistentVolumeClaim>("ns", "c", PatchFormat.Merge,
            new { metadata = new { annotations = new Dictionary<string, string> { ["volume.kubernetes.io/selected-node"] = "n" } } },
            WriteOptions.None, default);
        await _h.UntilAsync(
            () => Claim()!.Metadata.Annotations.TryGetValue("volume.kubernetes.io/storage-provisioner", out var p) && p == "example.com/p",
            "the provisioner is asked");
    }

    [Fact]
    public async Task Pod_WithEphemeralVolume_GetsItsClaim()
    {
        var volume = new V1Volume
        {
            Name = "v",
            Ephemeral = new V1EphemeralVolumeSource
            {
                VolumeClaimTemplate = new V1PersistentVolumeClaimTemplate
                {
                    Spec = new V1PersistentVolumeClaimSpec { AccessModes = ["ReadWriteOnce"] },
                },
            },
        };
        await _h.Client.CreateAsync(new V1Pod { Metadata = Meta("p"), Spec = Template().Spec with { Volumes = [volume] } }, default);
        await _h.UntilAsync(
            () => Claim("p-v")?.Metadata.OwnerReferences is [{ Kind: "Pod", Name: "p", Controller: true }], "the claim is there");
    }
}
