using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Patches;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Patches;

/// <summary>JSON Merge Patch as json-patch v4, which Kubernetes uses, carries it out.</summary>
public sealed class MergePatchTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":1}}""", """{"a":null,"b":{"c":null,"d":2}}""", """{"b":{"d":2}}""")]
    [InlineData("""{"a":1}""", """{"b":{"c":null,"d":{"e":null}}}""", """{"a":1,"b":{"d":{}}}""")]
    [InlineData("""{"a":[1]}""", """{"a":[{"b":null,"c":1},null]}""", """{"a":[{"c":1},null]}""")]
    [InlineData("""{"a":{"x":1}}""", """{"a":[{"b":null}]}""", """{"a":[{"b":null}]}""")]
    [InlineData("""{"z":{"y":1,"x":1},"a":{"y":1,"x":1}}""", """{"a":{"w":1}}""", """{"a":{"w":1,"x":1,"y":1},"z":{"y":1,"x":1}}""")]
    public void Apply_Object_Merges(string document, string patch, string expected) =>
        Assert.Equal(expected, JsonWriting.ToText(MergePatch.Apply((JsonMap)Json(document)!, Json(patch))));

    [Theory]
    [InlineData("null", "Invalid JSON Patch")]
    [InlineData("[]", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    public void Apply_NoObject_Is400(string patch, string message)
    {
        PatchException e = Assert.Throws<PatchException>(() => MergePatch.Apply(new JsonMap(), Json(patch)));
        Assert.Equal((400, message), (e.Code, e.Message));
    }

    private static object? Json(string text) => JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(text));
}
