using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Services;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The faults and warnings of Services, in the words of Kubernetes v1.36.</summary>
public sealed class ServiceValidationTests
{
    [Theory]
    [InlineData("""{"ports":[{"port":80}]}""", "")]
    [InlineData(
        """{"ports":[{"port":80,"nodePort":30080}]}""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData(
        """{"ports":[{"port":0,"targetPort":70000}]}""",
        "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\nspec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData(
        """{"ports":[{"port":80}],"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":0}}}""",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 0: must be greater than 0 and less than 86400")]
    [InlineData(
        """{"ports":[{"port":80}],"externalIPs":["127.0.0.1"]}""",
        "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData(
        """{"type":"LoadBalancer","ports":[{"port":80}],"loadBalancerSourceRanges":["1.2.3.4"]}""",
        "spec.LoadBalancerSourceRanges[0]: Invalid value: \"1.2.3.4\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")]
    [InlineData(
        """{"ports":[{"port":80}],"loadBalancerClass":"a/b"}""",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData(
        """{"ports":[{"port":80}],"clusterIPs":["None"],"clusterIP":"None","type":"NodePort"}""",
        "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData(
        """{"type":"ExternalName","externalName":"a.b","clusterIP":"1.2.3.4","clusterIPs":["1.2.3.4"]}""",
        "spec.clusterIPs: Forbidden: may not be set for ExternalName services")]
    public void Validate_Spec_NamesFaults(string spec, string faults)
    {
        var errors = new FieldErrors();
        new ServiceValidation(errors).Validate(Service(spec));
        Assert.Equal(faults, string.Join("\n", errors.Select(e => e.ToString())));
    }

    [Theory]
    [InlineData("""{"clusterIP":"None"}""", "RequireDualStack", 2)]
    [InlineData("""{"clusterIP":"None","selector":{"a":"b"}}""", "SingleStack", 1)]
    [InlineData("{}", "SingleStack", 1)]
    public void Initialize_Families_FollowTheSelector(string spec, string policy, int families)
    {
        JsonMap content = JsonReading.ReadMap(Encoding.UTF8.GetBytes(spec));
        ServiceChange.SynchronizeAddresses(content, null);
        var errors = new FieldErrors();
        ServiceFamilies.Initialize(content, null, errors);
        Assert.Empty(errors);
        Assert.Equal(policy, content.String("ipFamilyPolicy"));
        Assert.Equal(families, content.List("ipFamilies")!.Count);
    }

    [Fact]
    public void Warnings_DeprecatedFields_AreNamed()
    {
        JsonMap service = Service("""{"ports":[{"port":80}],"externalIPs":["1.1.1.1"],"trafficDistribution":"PreferClose"}""");
        Assert.Equal(
            ["spec.externalIPs is deprecated and may no longer be implemented in some clusters",
                "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\""],
            ServiceWarnings.Of(service));
    }

    private static JsonMap Service(string spec)
    {
        var service =
            new JsonMap { { "metadata", new JsonMap { { "name", "x" } } }, { "spec", JsonReading.ReadMap(Encoding.UTF8.GetBytes(spec)) } };
        ServiceStrategy.Default(service);
        return service;
    }
}
