using System.Text;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.CustomResources;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>What is taken out of custom objects, what is named as unknown, and what defaults become.</summary>
public sealed class CustomDecodingTests
{
    private static readonly GroupVersionKind s_kind = new("example.com", "v1", "Thing");

    [Theory]
    [InlineData(
        """{"spec":{"type":"string"}}""", """{"metadata":{"oops":1},"spec":{"a":1},"beside":1}""",
        "metadata.oops beside spec.a", """{"metadata":{},"spec":{}}""")]
    [InlineData("""{"s":{"type":"object"}}""", """{"s":[{"a":1}]}""", "s[0].a", """{"s":[{}]}""")]
    [InlineData(
        """{"s":{"type":"object","additionalProperties":true}}""", """{"s":{"a":1,"b":{"c":1}}}""", "s.b.c", """{"s":{"a":1,"b":{}}}""")]
    [InlineData(
        """{"s":{"type":"object","additionalProperties":true,"properties":{"p":{"type":"string"}}}}""",
        """{"s":{"p":"x","a":1}}""", "", """{"s":{"a":1,"p":"x"}}""")]
    [InlineData(
        """{"s":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"additionalProperties":{"type":"object"}}}""",
        """{"s":{"a":{"b":1}}}""", "s.a.b", """{"s":{"a":{}}}""")]
    [InlineData(
        """{"s":{"type":"array","x-kubernetes-preserve-unknown-fields":true,"items":{"type":"object","properties":{"p":{"type":"object"}}}}}""",
        """{"s":[{"a":1,"p":{"b":1}}]}""", "s[0].p.b", """{"s":[{"a":1,"p":{}}]}""")]
    [InlineData(
        """{"s":{"type":"object","additionalProperties":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}},"z":{"type":"object"}}""",
        """{"s":{"k":{"metadata":{"oops":1,"name":"n"}}},"z":{"a":1}}""", "z.a s[k].metadata.oops",
        """{"s":{"k":{"metadata":{"name":"n"}}},"z":{}}""")]
    public void Decode_WhatTheSchemaDoesNotName_IsTakenOutAndNamed(string properties, string value, string unknown, string expected)
    {
        var found = new List<string>();
        JsonMap obj = Read(value);
        SchemaDecoder.Decode(obj, Schema(properties), found);
        Normalizer.Normalize(obj, Schema(properties));

        Assert.Equal(unknown, string.Join(' ', found));
        Assert.Equal(expected, JsonWriting.ToText(obj));
    }

    [Theory]
    [InlineData("""{"metadata":"x"}""", "json: cannot unmarshal string into Go value of type v1.ObjectMeta")]
    [InlineData("""{"e":{"kind":1}}""", "e.kind: Invalid value: 1: must be a string")]
    [InlineData(
        """{"e":{"metadata":{"labels":1}}}""",
        "e.metadata: Invalid value: {\"labels\":1}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type map[string]string")]
    public void Decode_MetadataThatIsNone_IsRefused(string value, string message)
    {
        Schema schema = Schema(
            """{"e":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}""");

        Assert.Equal(message, Assert.Throws<DecodeException>(() => SchemaDecoder.Decode(Read(value), schema, [])).Message);
    }

    [Theory]
    [InlineData(
        """{"s":{"type":"object","default":{"n":null},"properties":{"n":{"type":"string","nullable":true,"default":"x"}}}}""",
        "{}", """{"s":{"n":null}}""")]
    [InlineData("""{"s":{"type":"string","default":"x"}}""", """{"s":null}""", """{"s":"x"}""")]
    [InlineData("""{"s":{"type":"string","nullable":true,"default":"x"}}""", """{"s":null}""", """{"s":null}""")]
    [InlineData(
        """{"s":{"type":"object","additionalProperties":{"type":"string","default":"x"}}}""",
        """{"s":{"a":null}}""", """{"s":{"a":"x"}}""")]
    [InlineData("""{"s":{"type":"array","items":{"type":"string","default":"x"}}}""", """{"s":[null]}""", """{"s":["x"]}""")]
    [InlineData("""{"s":{"type":"array","items":{"type":"string"}}}""", """{"s":[null]}""", """{"s":[null]}""")]
    [InlineData(
        """{"s":{"type":"object","additionalProperties":{"type":"object","properties":{"d":{"type":"integer","default":1}}}}}""",
        """{"s":{"a":{}}}""", """{"s":{"a":{"d":1}}}""")]
    public void Apply_Nulls_BecomeTheDefaultOrGo(string properties, string value, string expected)
    {
        JsonMap obj = Read(value);
        CustomDefaults.Apply(obj, Schema(properties));

        Assert.Equal(expected, JsonWriting.ToText(obj));
    }

    private static Schema Schema(string properties) =>
        CustomSchemas.OfRoot(new JsonMap { { "type", "object" }, { "properties", Read(properties) } }, s_kind);

    private static JsonMap Read(string json) => (JsonMap)JsonReading.Read(Encoding.UTF8.GetBytes(json))!;
}
