using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.CustomResources;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>What printer columns show.</summary>
public sealed class PrinterColumnsTests
{
    private const string Thing = """
        {"metadata":{"name":"t","annotations":{"a.b/c":"dotted"}},
         "spec":{"text":"x","none":null,"float":1500000.0,"whole":3,"flag":true,"map":{"b":"<","a":[1]},
                 "list":[{"n":"one","v":1},{"n":"two","v":2},{"n":"three","v":3}],"empty":""}}
        """;

    [Theory]
    [InlineData(".spec.text", "string", "\"x\"")]
    [InlineData(".spec.none", "string", "\"<no value>\"")]
    [InlineData(".spec.none", "integer", "null")]
    [InlineData(".spec.missing", "string", "null")]
    [InlineData(".spec.float", "string", "\"1.5e+06\"")]
    [InlineData(".spec.float", "integer", "1500000")]
    [InlineData(".spec.whole", "number", "3")]
    [InlineData(".spec.flag", "string", "\"true\"")]
    [InlineData(".spec.map", "string", "\"{\\\"b\\\":\\\"\\\\u003c\\\",\\\"a\\\":[1]}\"")]
    [InlineData(".spec.text", "integer", "null")]
    [InlineData(".spec.empty", "date", "\"<unknown>\"")]
    [InlineData(".spec.text", "date", "\"<invalid>\"")]
    [InlineData(".spec.list[1].n", "string", "\"two\"")]
    [InlineData(".spec.list[-1].n", "string", "\"three\"")]
    [InlineData(".spec.list[9].n", "string", "null")]
    [InlineData(".spec.list[1:].n", "string", "\"two\"")]
    [InlineData(".spec.list[2,0].n", "string", "\"three\"")]
    [InlineData(".spec.list[*].n", "string", "\"one\"")]
    [InlineData(".spec.list[?(@.n==\"two\")].v", "integer", "2")]
    [InlineData(".spec.list[?(@.v>1)].n", "string", "\"two\"")]
    [InlineData(".spec.list[?(@.n==1)].n", "string", "null")]
    [InlineData(".spec.text[0]", "string", "null")]
    [InlineData(".metadata.annotations['a.b/c']", "string", "null")]
    [InlineData(".metadata.annotations['a\\.b/c']", "string", "\"dotted\"")]
    [InlineData(".metadata.annotations.a\\.b/c", "string", "\"dotted\"")]
    public void Cells_OfAPath_AreTheFirstThatIsFound(string path, string type, string expected)
    {
        var columns = new PrinterColumns([new JsonMap { { "name", "C" }, { "type", type }, { "jsonPath", path } }]);

        Assert.Equal(expected, JsonWriting.ToText(columns.Cells(Read(Thing))[1]));
    }

    [Fact]
    public void Columns_BehindAPathThatIsNone_AreNotShown()
    {
        var columns = new PrinterColumns(
        [
            new JsonMap { { "name", "A" }, { "type", "string" }, { "jsonPath", ".spec.text" } },
            new JsonMap { { "name", "B" }, { "type", "string" }, { "jsonPath", ".spec.list[\"x\"]" } },
            new JsonMap { { "name", "C" }, { "type", "string" }, { "jsonPath", ".spec.text" } },
        ]);

        Assert.Equal(["Name", "A"], columns.Columns.Select(c => c.Name));
    }

    private static JsonMap Read(string json) => (JsonMap)JsonReading.Read(Encoding.UTF8.GetBytes(json))!;
}
