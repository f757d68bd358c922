using System.Text.Json.Nodes;
using KubeLite.Cli.Client;
using Xunit;

namespace KubeLite.Cli.Tests;

public sealed class YamlTextTests
{
    [Fact]
    public void Parse_Scalars_HaveTheTypeTheyLookLike()
    {
        var parsed = Assert.Single(YamlText.Parse("f", "a: 1\nb: \"1\"\nc: true\nd: 1.5\ne: ~\nf: 1.2.3\ng: 'yes'\nh: 10m\n"));

        Assert.Equal(
            """{"a":1,"b":"1","c":true,"d":1.5,"e":null,"f":"1.2.3","g":"yes","h":"10m"}""", parsed.ToJsonString());
    }

    [Fact]
    public void Parse_SeveralDocuments_EmptyOnesLeftOut() =>
        Assert.Equal(2, YamlText.Parse("f", "---\na: 1\n---\n---\nb: 2\n").Count);

    [Fact]
    public void Parse_NotYaml_SaysWhere()
    {
        var e = Assert.Throws<CliException>(() => YamlText.Parse("file.yaml", "a: [1\n"));
        Assert.StartsWith("error: file.yaml:", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":"1"}""")]
    [InlineData("""{"a":"true","b":"null","c":""}""")]
    [InlineData("""{"a":{"b":[1,{"c":"d"},"e: f"]}}""")]
    [InlineData("""{"a":"line one\nline two\n","b":"# no comment"}""")]
    [InlineData("""{"a":[],"b":{},"c":"2026-01-01T00:00:00Z","d":"- x"}""")]
    [InlineData("""{"kubernetes.io/x":"a:b","y":" padded ","z":"quote\"s"}""")]
    public void Write_ThenParse_GivesTheSame(string json)
    {
        var node = JsonNode.Parse(json)!;

        Assert.Equal(node.ToJsonString(), Assert.Single(YamlText.Parse("f", YamlText.Write(node))).ToJsonString());
    }
}
