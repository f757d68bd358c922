using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Admission.PodSecurity;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The Pod Security Standards, in the words of Kubernetes' <c>pod-security-admission</c>.</summary>
public sealed class PodSecurityStandardsTests
{
    private const string Unrestricted =
        "allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";

    private const string Good =
        """{"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},"containers":[{"name":"c","image":"i","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}""";

    [Theory]
    [InlineData("privileged", """{"hostNetwork":true}""", "")]
    [InlineData("baseline", "{}", "")]
    [InlineData("baseline", """{"hostNetwork":true,"hostPID":true}""", "host namespaces (hostNetwork=true, hostPID=true)")]
    [InlineData(
        "baseline", """{"volumes":[{"name":"a","hostPath":{"path":"/"}},{"name":"b","hostPath":{"path":"/"}}]}""",
        "hostPath volumes (volumes \"a\", \"b\")")]
    [InlineData(
        "baseline", """{"containers":[{"name":"c","image":"i","securityContext":{"privileged":true}}]}""",
        "privileged (container \"c\" must not set securityContext.privileged=true)")]
    [InlineData(
        "baseline", """{"containers":[{"name":"c","image":"i","ports":[{"containerPort":1,"hostPort":80}]}]}""",
        "hostPort (container \"c\" uses hostPort 80)")]
    [InlineData(
        "baseline", """{"containers":[{"name":"c","image":"i","securityContext":{"capabilities":{"add":["NET_ADMIN","CHOWN"]}}}]}""",
        "non-default capabilities (container \"c\" must not include \"NET_ADMIN\" in securityContext.capabilities.add)")]
    [InlineData(
        "baseline", """{"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1"}]}}""", "forbidden sysctls (kernel.msgmax)")]
    [InlineData(
        "baseline", """{"securityContext":{"seccompProfile":{"type":"Unconfined"}}}""",
        "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("restricted", "{}", Unrestricted)]
    [InlineData("restricted", Good, "")]
    public void Violations_OfLevel_AreNamed(string level, string spec, string violations)
    {
        JsonMap pod = PodCase.Pod(spec);
        Assert.Equal(
            violations,
            string.Join(", ", PodSecurityStandards.Violations(new SecurityPolicy(level, int.MaxValue), pod.MapAt("spec"), null)));
    }

    [Fact]
    public void Read_UnknownLabels_NamesThemAndRestricts()
    {
        var errors = new ApiMachinery.Errors.FieldErrors();
        var labels =
            new JsonMap { { "pod-security.kubernetes.io/enforce", "foo" }, { "pod-security.kubernetes.io/enforce-version", "1.2" } };
        SecurityPolicy policy = SecurityPolicy.Read(labels, "enforce", errors);
        Assert.Equal("restricted:latest", policy.ToString());
        Assert.Equal(
            "[metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"foo\": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/enforce-version]: Invalid value: \"1.2\": must be \"latest\" or \"v1.x\"]",
            errors.ToString());
    }
}
