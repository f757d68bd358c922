using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Core.Pods.Status;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>Resizes and reports of Pods, and what is dropped and warned of, as in Kubernetes v1.36.</summary>
public sealed class PodChangeTests
{
    private const string Small = """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}""";

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2"}}}]}""", "")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1","ephemeral-storage":"1"}}}]}""",
        "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData(
        """{"containers":[{"name":"d","image":"i","resources":{"requests":{"cpu":"1"}}}]}""",
        "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i","resources":{"requests":{"memory":"1"}}}]}""",
        "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}},{"name":"d","image":"i"}]}""",
        "spec.containers: Forbidden: containers may not be added or removed on resize")]
    [InlineData(
        """{"resources":{"requests":{"cpu":"2"}},"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}""", "")]
    public void Resize_OfContainers_NamesFaults(string spec, string faults) => Assert.Equal(faults, Resize(spec, Small));

    [Fact]
    public void Resize_OfPodResources_KeepsWhatItHas() => Assert.Equal(
        "spec.resources.requests: Forbidden: pod-level resource requests cannot be removed",
        Resize("""{"resources":{"limits":{"cpu":"2"}}}""", """{"resources":{"requests":{"memory":"1"},"limits":{"cpu":"3"}}}""")
            .Split('\n')[0]);

    [Theory]
    [InlineData("Never", "", 1, false)]
    [InlineData("Never", ""","restartPolicy":"OnFailure" """, 1, true)]
    [InlineData("Never", ""","restartPolicy":"OnFailure" """, 0, false)]
    [InlineData(
        "Never", ""","restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[42]}}]""",
        42, true)]
    [InlineData(
        "Always", ""","restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"NotIn","values":[42]}}]""",
        42, false)]
    [InlineData("OnFailure", "", 3, true)]
    public void May_OfAContainer_FollowsItsOwnRulesFirst(string policy, string members, int code, bool restarts)
    {
        JsonMap spec = Map($$"""{"restartPolicy":"{{policy}}","containers":[{"name":"c"{{members}}}]}""");
        Assert.Equal(restarts, new ContainerRestarts(spec).May("containers", "c", code));
    }

    [Theory]
    [InlineData("""{"conditions":[{"type":"a b"}]}""", "status.conditions[0].Type: Invalid value: \"a b\"")]
    [InlineData("""{"observedGeneration":-1}""", "status.observedGeneration: Invalid value: -1: must be a non-negative integer")]
    [InlineData(
        """{"nominatedNodeName":"n"}""", "status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node")]
    [InlineData(
        """{"ephemeralContainerStatuses":[{"name":"e","allocatedResourcesStatus":[{"name":"x"}]}]}""",
        "status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: must not be specified in container status")]
    [InlineData(
        """{"containerStatuses":[{"name":"c","allocatedResourcesStatus":[{"name":"x","resources":[{"resourceID":"a","health":"Bad"}]}]}]}""",
        "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"x\": must match one of the container's resource requests\nstatus.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: \"Bad\": supported values: \"Healthy\", \"Unhealthy\", \"Unknown\"")]
    [InlineData(
        """{"extendedResourceClaimStatus":{}}""",
        "status.extendedResourceClaimStatus.requestMappings: Required value: at least one request mapping is required\nstatus.extendedResourceClaimStatus.resourceClaimName: Required value")]
    public void Status_OfARunningPod_NamesFaults(string status, string faults)
    {
        JsonMap old = PodCase.Pod("""{"nodeName":"n"}"""), pod = old.DeepCopy();
        pod["status"] = Map(status);
        var errors = new FieldErrors();
        new PodStatusValidation(errors).Validate(pod, old);
        Assert.StartsWith(faults, string.Join("\n", errors.Select(e => e.ToString())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"schedulingGroup":{"podGroupName":"g"},"a":1}""", """{"a":1}""")]
    [InlineData("""{"containers":[{"name":"c","lifecycle":{"stopSignal":"SIGTERM"}}]}""", """{"containers":[{"name":"c"}]}""")]
    [InlineData("""{"volumes":[{"projected":{"sources":[{"podCertificate":{}}]}}]}""", """{"volumes":[{"projected":{"sources":[{}]}}]}""")]
    public void Drop_OfFieldsWhoseFeatureIsOff_KeepsThoseInUse(string sent, string kept)
    {
        JsonMap fresh = Map(sent), used = Map(sent);
        PodDisabledFields.Drop(fresh, null);
        PodDisabledFields.Drop(used, Map(sent));
        Assert.True(JsonValue.DeepEquals(Map(kept), fresh));
        Assert.True(JsonValue.DeepEquals(Map(sent), used));
    }

    [Theory]
    [InlineData(
        """{"volumes":[{"name":"v","configMap":{"name":"m","items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}}]}""",
        "volume \"v\" (ConfigMap \"m\"): overlapping paths: \"x/y\" with \"x\"")]
    [InlineData(
        """{"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}},{"secret":{"name":"s","items":[{"key":"a","path":"t"}]}},{}]}}]}""",
        "volume \"v\" (Projected): overlapping paths: \"t\" (Secret \"s\") with \"t\" (ServiceAccountToken)\nvolume \"v\" (Projected) has no sources provided")]
    [InlineData(
        """{"containers":[{"name":"c","image":"i","ports":[{"name":"p","containerPort":1}]},{"name":"d","image":"i","ports":[{"name":"p","containerPort":2}]}]}""",
        "spec.containers[1].ports[0]: duplicate port name \"p\" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]")]
    public void Warnings_OfOverlaps_NameBoth(string spec, string warnings) => Assert.Equal(warnings, PodCase.Warnings(spec));

    private static JsonMap Map(string json) => JsonReading.ReadMap(Encoding.UTF8.GetBytes(json));

    private static string Resize(string spec, string before)
    {
        JsonMap old = PodCase.Pod(before), pod = PodCase.Pod(spec);
        PodPreparation.OnlyResources(pod, old);
        var errors = new FieldErrors();
        new PodResizeValidation(errors).Validate(pod, old);
        return string.Join("\n", errors.Select(e => e.ToString()));
    }
}
