using k8s.Models;
using KubeLite.ControllerManager.Quota;
using Xunit;
using static KubeLite.ControllerManager.Tests.ControllerHarness;

namespace KubeLite.ControllerManager.Tests.Quota;

public sealed class ResourceQuotaControllerTests : IAsyncLifetime
{
    private ControllerHarness _h = null!;

    public async Task InitializeAsync() => _h = await StartAsync("resourcequota-controller");

    public async Task DisposeAsync() => await _h.DisposeAsync();

    private string Used(string name) =>
        _h.Server.Find<V1ResourceQuota>("ns", "q")?.Status?.Used?.TryGetValue(name, out var used) == true ? used.ToString() : "";

    [Fact]
    public async Task Objects_ComeAndGo_AreCounted()
    {
        await _h.Client.CreateAsync(
            new V1ResourceQuota
            {
                Metadata = Meta("q"),
                Spec = new V1ResourceQuotaSpec
                {
                    Hard = new Dictionary<string, ResourceQuantity>
                    {
                        ["pods"] = new("2"),
                        ["requests.cpu"] = new("1"),
                        ["memory"] = new("1Gi"),
                        ["count/deployments.apps"] = new("1"),
                        ["services"] = new("2"),
                    },
                },
            }, default);
        await _h.UntilAsync(
            () => Used("pods") == "0" && Used("requests.cpu") == "0" && Used("count/deployments.apps") == "0", "nothing is used");
        var spec = Template().Spec;
        spec.Containers[0].Resources = new V1ResourceRequirements
        {
            Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new("600m"), ["memory"] = new("128Mi") },
        };
        await _h.Client.CreateAsync(new V1Pod { Metadata = Meta("p"), Spec = spec }, default);
        await _h.Client.CreateAsync(
            new V1Deployment { Metadata = Meta("d"), Spec = new V1DeploymentSpec { Selector = Selector, Template = Template() } }, default);
        await _h.UntilAsync(
            () => Used("pods") == "1" && Used("requests.cpu") == "600m" && Used("memory") == "128Mi"
                && Used("count/deployments.apps") == "1",
            "they are counted");
        await _h.Client.DeleteAsync<V1Pod>("ns", "p", null, default);
        await _h.UntilAsync(() => Used("pods") == "0" && Used("requests.cpu") == "0", "the Pod is not");
    }

    [Theory]
    [InlineData("0.6", false, "600m")]
    [InlineData("2000", false, "2k")]
    [InlineData("1207959552", true, "1152Mi")]
    [InlineData("0", true, "0")]
    public void Format_AsKubernetes(string value, bool binary, string expected) =>
        Assert.Equal(expected, QuotaAmounts.Format(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), binary));
}
