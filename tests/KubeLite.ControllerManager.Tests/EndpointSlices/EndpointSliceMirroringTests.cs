using k8s.Models;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.EndpointSlices;

public sealed class EndpointSliceMirroringTests
{
    [Fact]
    public async Task HandMadeEndpoints_AreMirrored_AndFollowed()
    {
        await using var h = await StartAsync("endpointslice-mirroring-controller");
        List<V1EndpointSlice> Slices() => h.Server.List<V1EndpointSlice>("ns");
        await h.Client.CreateAsync(
            new V1Service
            {
                Metadata = Meta("x"),
                Spec = new V1ServiceSpec { ClusterIP = "10.0.0.1", Ports = [new V1ServicePort { Port = 80 }] },
            },
            default);
        var endpoints = await h.Client.CreateAsync(
            new V1Endpoints
            {
                Metadata = Meta("x"),
                Subsets = [
                    new V1EndpointSubset
                    {
                        Addresses = [new V1EndpointAddress { Ip = "1.2.3.4" }, new V1EndpointAddress { Ip = "fd00::1" }],
                        Ports = [new Corev1EndpointPort { Port = 80 }],
                    },
                ],
            }, default);
        await h.UntilAsync(() => Slices().Count == 2, "there is a slice for each family");
        Assert.All(
            Slices(),
            s => Assert.Equal("endpointslicemirroring-controller.k8s.io", s.Metadata.Labels["endpointslice.kubernetes.io/managed-by"]));
        endpoints.Subsets[0].Addresses.RemoveAt(1);
        await h.Client.UpdateAsync(endpoints, default);
        await h.UntilAsync(() => Slices() is [{ AddressType: "IPv4" }], "one is left");
        await h.Client.DeleteAsync<V1Endpoints>("ns", "x", null, default);
        await h.UntilAsync(() => Slices().Count == 0, "none is left");
    }
}
