using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Patches;
using Xunit;

namespace KubeLite.ApiMachinery.Tests.Patches;

/// <summary>JSON Patch as json-patch v4, which Kubernetes uses, carries it out.</summary>
public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":{}}""", """[{"op":"replace","path":"/a/b","value":1}]""", """{"a":{"b":1}}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-1","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"remove","path":"/a/-1"}]""", """{"a":[1]}""")]
    [InlineData("""{"a":{}}""", """[{"op":"copy","from":"/a/none","path":"/b"}]""", """{"a":{},"b":null}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"","value":{"b":2}}]""", """{"b":2}""")]
    [InlineData(
        """{"z":1,"a":{"y":1,"b":{"z":1,"a":1}}}""", """[{"op":"add","path":"/a/c","value":0}]""",
        """{"a":{"b":{"z":1,"a":1},"c":0,"y":1},"z":1}""")]
    [InlineData("""{"a/b":1,"~":2}""", """[{"op":"remove","path":"/a~1b"},{"op":"remove","path":"/~0"}]""", "{}")]
    [InlineData("""{"a":1}""", "null", """{"a":1}""")]
    public void Apply_Applicable_GivesTheDocument(string document, string patch, string expected) =>
        Assert.Equal(expected, JsonWriting.ToText(JsonPatch.Apply(Json(document), Json(patch))));

    [Theory]
    [InlineData("""[{"op":"remove","path":"/b"}]""")]
    [InlineData("""[{"op":"move","from":"/b","path":"/c"}]""")]
    [InlineData("""[{"op":"add","path":"","value":{}}]""")]
    [InlineData("""[{"op":"add","path":"/b/c","value":{}}]""")]
    [InlineData("""[{"op":"test","path":"/b/c","value":null}]""")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""")]
    [InlineData("""[{"op":"replace","path":"","value":1}]""")]
    [InlineData("""[{"op":"nope","path":"/a"}]""")]
    [InlineData("""[{"path":"/a"}]""")]
    [InlineData("[null]")]
    public void Apply_Inapplicable_Is422(string patch)
    {
        PatchException e = Assert.Throws<PatchException>(() => JsonPatch.Apply(Json("""{"a":1}"""), Json(patch)));
        Assert.Equal((422, "the server rejected our request due to an error in our request"), (e.Code, e.Message));
    }

    [Theory]
    [InlineData("""{"op":"add"}""", "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData("[1]", "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp")]
    [InlineData("""[{"op":1}]""", "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string")]
    public void Apply_Malformed_Is400(string patch, string message)
    {
        PatchException e = Assert.Throws<PatchException>(() => JsonPatch.Apply(Json("{}"), Json(patch)));
        Assert.Equal((400, message), (e.Code, e.Message));
    }

    private static object? Json(string text) => JsonReading.Read(System.Text.Encoding.UTF8.GetBytes(text));
}
