using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>What is wrong with the schema of a definition, and in which order it is told.</summary>
public sealed class DefinitionRulesTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Root = "spec.validation.openAPIV3Schema.";

    private static int s_taken;

    [Theory]
    [InlineData(
        """{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self ==="}],"properties":{"a":{"type":"strin"}}}}""",
        "properties[spec].properties[a].type")]
    [InlineData(
        """{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self ==="}],"uniqueItems":true}}""",
        "properties[spec].uniqueItems")]
    [InlineData(
        """{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"true","optionalOldSelf":true}]}}""",
        "properties[spec].x-kubernetes-validations[0].optionalOldSelf")]
    [InlineData(
        """{"spec":{"type":"array","items":{"type":"string","x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}""",
        "properties[spec].items.x-kubernetes-validations[0].rule")]
    [InlineData(
        """{"spec":{"type":"object","properties":{"oldSelf":{"type":"string"}},"x-kubernetes-validations":[{"rule":"self.oldSelf == ''","optionalOldSelf":true}]}}""",
        "properties[spec].x-kubernetes-validations[0].optionalOldSelf")]
    public async Task Post_FaultySchema_NamesExpressionsOnlyWhereTheRestIsRight(string properties, string field)
    {
        ApiAnswer answer = await PostAsync(properties);

        Assert.Equal(422, answer.Code);
        Assert.Equal(Root + field, (string?)Assert.Single(answer.Json["details"]!["causes"]!.AsArray())!["field"]);
    }

    [Theory]
    [InlineData(
        """{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"oldSelf.orValue(self) == self","optionalOldSelf":true}]}}""")]
    [InlineData(
        """{"spec":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["n"],"items":{"type":"object","required":["n"],"properties":{"n":{"type":"string"}},"x-kubernetes-validations":[{"rule":"self == oldSelf"}]}}}""")]
    public async Task Post_RuleOfWhatWas_IsTakenWhereItCanBeFound(string properties)
    {
        ApiAnswer answer = await PostAsync(properties, plural: $"things{Interlocked.Increment(ref s_taken)}");

        Assert.Equal(201, answer.Code);
    }

    [Fact]
    public async Task Post_DefaultsBesideUnknownFields_AreRefused()
    {
        ApiAnswer answer = await PostAsync("""{"spec":{"type":"string","default":"x"}}""", preserve: true);

        Assert.Equal(
            "CustomResourceDefinition.apiextensions.k8s.io \"things.rules.example.com\" is invalid: [spec.preserveUnknownFields: Invalid value: true: must be false in order " +
            "to use defaults in the schema, spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in " +
            "spec.versions[*].schema instead]",
            answer.Message);
    }

    private Task<ApiAnswer> PostAsync(string properties, bool preserve = false, string plural = "things") =>
        server.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = plural + ".rules.example.com" },
            ["spec"] = new JsonObject
            {
                ["group"] = "rules.example.com",
                ["scope"] = "Namespaced",
                ["preserveUnknownFields"] = preserve,
                ["names"] = new JsonObject { ["plural"] = plural, ["kind"] = "Kind" + plural },
                ["versions"] = new JsonArray(new JsonObject
                {
                    ["name"] = "v1",
                    ["served"] = true,
                    ["storage"] = true,
                    ["schema"] = new JsonObject
                    {
                        ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["properties"] = JsonNode.Parse(properties) },
                    },
                }),
            },
        }.ToJsonString());
}
