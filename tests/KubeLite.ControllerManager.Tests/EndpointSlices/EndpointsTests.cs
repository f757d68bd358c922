using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.EndpointSlices;

public sealed class EndpointsTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() =>
        _h = await StartAsync(static o => o with { MaxEndpointsPerSlice = 2 }, "endpointslice-controller", "endpoints-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private List<V1EndpointSlice> Slices => _h.Server.List<V1EndpointSlice>("ns");

    private V1Endpoints? Endpoints => _h.Server.Find<V1Endpoints>("ns", "x");

    private Task ServiceAsync() => _h.Client.CreateAsync(
        new V1Service
        {
            Metadata = Meta("x"),
            Spec = new V1ServiceSpec
            {
                ClusterIP = "10.0.0.1",
                Selector = Labels,
                Ports = [new V1ServicePort { Name = "web", Port = 80, TargetPort = 8080, Protocol = "TCP" }],
                IpFamilies = ["IPv4"],
            },
        }, default);

    private async Task PodAsync(string name, string ip, bool ready)
    {
        var pod = await _h.Client.CreateAsync(
            new V1Pod { Metadata = Meta(name, Labels), Spec = Template().Spec with { NodeName = "n" } }, default);
        await _h.SetStatusAsync([pod], new V1PodStatus
        {
            Phase = "Running",
            PodIP = ip,
            PodIPs = [new V1PodIP { Ip = ip }],
            Conditions = [new V1PodCondition { Type = "Ready", Status = ready ? "True" : "False" }],
        });
    }

    [Fact]
    public async Task Service_ReadyAndUnreadyPods_BothListed()
    {
        await ServiceAsync();
        await PodAsync("p1", "10.9.0.1", true);
        await PodAsync("p2", "10.9.0.2", false);
        await _h.UntilAsync(() => Slices is [{ Endpoints.Count: 2 }], "the slice has both");
        var slice = Slices[0];
        Assert.Equal(("web", 8080, "TCP"), (slice.Ports[0].Name, slice.Ports[0].Port, slice.Ports[0].Protocol));
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
                ["kubernetes.io/service-name"] = "x",
            },
            slice.Metadata.Labels);
        Assert.Equal([true, false], slice.Endpoints.OrderBy(e => e.Addresses[0]).Select(e => e.Conditions.Ready!.Value));
        await _h.UntilAsync(() => Endpoints?.Subsets is [{ Addresses.Count: 1, NotReadyAddresses.Count: 1 }], "the Endpoints have both");
        V1EndpointAddress address = Endpoints!.Subsets[0].Addresses[0];
        Assert.Equal(("10.9.0.1", "n", "p1"), (address.Ip, address.NodeName, address.TargetRef.Name));
        await _h.Client.DeleteAsync<V1Pod>("ns", "p1", new V1DeleteOptions { GracePeriodSeconds = 0 }, default);
        await _h.UntilAsync(() => Endpoints!.Subsets is [{ Addresses: null }] && Slices is [{ Endpoints.Count: 1 }], "one is left");
    }

    [Fact]
    public async Task MorePodsThanASliceHolds_SeveralSlices()
    {
        await ServiceAsync();
        for (var i = 1; i <= 5; i++)
        {
            await PodAsync("p" + i, "10.9.0." + i, true);
        }
        await _h.UntilAsync(() => Slices.Sum(s => s.Endpoints?.Count ?? 0) == 5, "all are in slices");
        Assert.Equal(3, Slices.Count);
        Assert.All(Slices, s => Assert.InRange(s.Endpoints.Count, 1, 2));
        Assert.Equal(5, Slices.SelectMany(s => s.Endpoints).Select(e => e.Addresses[0]).Distinct().Count());
    }

    [Fact]
    public async Task NoPods_OneEmptySlice_ThenServiceGoesAndEndpointsToo()
    {
        await ServiceAsync();
        await _h.UntilAsync(() => Slices.Count == 1 && Endpoints is not null, "both are there");
        await _h.Client.DeleteAsync<V1Service>("ns", "x", null, default);
        await _h.UntilAsync(() => Endpoints is null, "the Endpoints are gone");
    }
}
