using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.ManagedFields;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.ManagedFields;

/// <summary>What structured-merge-diff says of configurations that don't fit.</summary>
public sealed class AppliedCheckTests
{
    [Theory]
    [InlineData("""{"spec":{"replicas":"x"}}""", ".spec.replicas: expected numeric (int or float), got string")]
    [InlineData("""{"metadata":{"labels":{"a":1}}}""", ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:1}")]
    [InlineData(
        """{"metadata":{"labels":{"a":{"b":"c"}}}}""",
        ".metadata.labels.a: expected string, got &value.valueUnstructured{Value:map[string]interface {}{\"b\":\"c\"}}")]
    [InlineData("""{"spec":{"paused":"yes"}}""", ".spec.paused: expected boolean, got &{yes}")]
    [InlineData("""{"spec":{"selector":[]}}""", ".spec.selector: expected map, got &{[]}")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":{}}}}}""", ".spec.template.spec.containers: expected list, got &{map[]}")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":["x"]}}}}""",
        ".spec.template.spec.containers: element 0: associative list with keys may not have non-map elements")]
    [InlineData(
        """{"metadata":{"finalizers":[null]}}""",
        ".metadata.finalizers: element 0: associative list without keys has an element that's an explicit null")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"a"},{"name":"a"}]}}}}""",
        ".spec.template.spec.containers: duplicate entries for key [name=\"a\"]")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":1},{"containerPort":1,"protocol":"TCP"}]}]}}}}""",
        ".spec.template.spec.containers[name=\"a\"].ports: duplicate entries for key [containerPort=1,protocol=\"TCP\"]")]
    [InlineData("""{"spec":{"template":{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":[]}}}]}}}}""",
        ".spec.template.spec.containers[name=\"a\"].resources.limits.cpu: expected any scalar, got &{[]}")]
    [InlineData("""{"metadata":{"finalizers":["a","a"]}}""", ".metadata.finalizers: duplicate entries for key [=\"a\"]")]
    [InlineData("""{"spec":{"nope":1,"none":1}}""", ".spec.nope: field not declared in schema")]
    [InlineData(
        """{"metadata":{"nope":1},"spec":{"paused":1}}""",
        "errors:\n  .metadata.nope: field not declared in schema\n  .spec.paused: expected boolean, got &{1}")]
    public void Run_Wrong_SaysWhere(string config, string message)
    {
        Schema schema = ApiFacts.Newest.Type("io.k8s.api.apps.v1.Deployment");
        ManagedFieldsException e = Assert.Throws<ManagedFieldsException>(
            () => AppliedCheck.Run(JsonReading.ReadMap(System.Text.Encoding.UTF8.GetBytes(config)), schema));
        Assert.Equal(message, e.Message);
    }
}
