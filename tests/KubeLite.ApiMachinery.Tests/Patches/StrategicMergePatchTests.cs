using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Patches;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Patches;

/// <summary>The directives of strategic merge patch, and what Kubernetes says of wrong ones.</summary>
public sealed class StrategicMergePatchTests
{
    private static readonly Schema s_pod = ApiFacts.Newest.Type("io.k8s.api.core.v1.Pod");

    [Theory]
    [InlineData(
        """{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""",
        """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData(
        """{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""", """{"metadata":{"labels":{}}}""")]
    // A directive where there is nothing to direct takes what it stands in with it.
    [InlineData("""{"metadata":{}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""", """{"metadata":{}}""")]
    [InlineData("""{"metadata":{}}""", """{"metadata":{"labels":{"b":null,"c":"1"}}}""", """{"metadata":{"labels":{"c":"1"}}}""")]
    [InlineData(
        """{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":null}}""",
        """{"metadata":{}}""")]
    [InlineData(
        """{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":"a"}}""",
        """{"metadata":{"finalizers":["a","b"]}}""")]
    [InlineData(
        """{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["c","a"]}}""",
        """{"metadata":{"finalizers":["c","a","b"]}}""")]
    [InlineData(
        """{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""",
        """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}""",
        """{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""")]
    [InlineData(
        """{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""",
        """{"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/"}}]}}""",
        """{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}}""")]
    public void Apply_Directive_IsCarriedOut(string document, string patch, string expected) =>
        Assert.Equal(expected, JsonWriting.ToText(StrategicMergePatch.Apply(Json(document), Json(patch), s_pod)));

    [Theory]
    [InlineData(500, """{"metadata":{"labels":{"$patch":"merge"}}}""", "unknown patch type: merge in map: map[$patch:merge]")]
    [InlineData(500, """{"metadata":{"labels":{"$patch":1}}}""", "unknown patch type: %!s(int64=1) in map: map[$patch:1]")]
    [InlineData(500, """{"spec":{"containers":[{"name":"a","$patch":"merge"}]}}""", "merging lists cannot yet be specified in the patch")]
    [InlineData(500, """{"spec":{"containers":[{"image":"x"}]}}""", "map: map[image:x] does not contain declared merge key: name")]
    [InlineData(500, """{"spec":{"containers":["a"]}}""", "list element types are not identical: [[map[name:a]] [a]]")]
    [InlineData(500, """{"spec":{"$setElementOrder/containers":"x"}}""", "expected a []interface {}, but received a string")]
    [InlineData(
        500, """{"spec":{"$setElementOrder/containers":[],"containers":null}}""", "expected a []interface {}, but received a %!s(<nil>)")]
    [InlineData(500, """{"spec":{"$setElementOrder/nope":[]}}""", "unable to find api field in struct PodSpec for the json field \"nope\"")]
    [InlineData(500, """{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"name":"b"}]}}""",
        "The order in patch list:\n[map[name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n")]
    [InlineData(400, """{"spec":{"$setElementOrder":[]}}""", "invalid patch format of setElementOrder list")]
    [InlineData(400, """{"spec":{"$deleteFromPrimitiveList":[]}}""", "invalid patch format of primitive list")]
    [InlineData(400, """{"spec":{"$retainKeys":"x"}}""", "invalid patch format of retainKeys")]
    [InlineData(400, """{"spec":{"$retainKeys":["a"],"b":1}}""", "invalid patch format of retainKeys")]
    [InlineData(422, """{"spec":{"hostAliases":[[]]}}""", "the server rejected our request due to an error in our request")]
    public void Apply_Wrong_IsRefusedAsInKubernetes(int code, string patch, string message)
    {
        const string Document = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a"}],"hostAliases":[]}}""";
        PatchException e = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(Json(Document), Json(patch), s_pod));
        Assert.Equal((code, message), (e.Code, e.Message));
    }

    private static JsonMap Json(string text) => JsonReading.ReadMap(System.Text.Encoding.UTF8.GetBytes(text));
}
