using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The objects without which no request could be put into a queue, and what else their kinds refuse.</summary>
public sealed class FlowMandatoryTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Flow = "/apis/flowcontrol.apiserver.k8s.io/v1";

    [Theory]
    [InlineData("flowschemas/catch-all", "matchingPrecedence", "7", "spec of 'catch-all' must equal the fixed value")]
    [InlineData("flowschemas/exempt", "rules", "[]", "spec of 'exempt' must equal the fixed value")]
    [InlineData(
        "prioritylevelconfigurations/catch-all", "limited",
        """{"nominalConcurrencyShares":6,"limitResponse":{"type":"Reject"}}""", "spec of 'catch-all' must equal the fixed value")]
    [InlineData(
        "prioritylevelconfigurations/exempt", "limited", """{"limitResponse":{"type":"Reject"}}""",
        "spec of 'exempt' except the 'spec.exempt' field must equal the fixed value")]
    public async Task Put_MandatoryObject_StaysAsItIs(string name, string field, string value, string fault)
    {
        JsonNode obj = (await server.SendAsync("GET", $"{Flow}/{name}")).Json;
        obj["spec"]![field] = JsonNode.Parse(value);

        ApiAnswer answer = await server.SendAsync("PUT", $"{Flow}/{name}", obj.ToJsonString());

        Assert.Equal(422, answer.Code);
        Assert.Contains(fault, answer.Message);
    }

    [Fact]
    public async Task Put_ExemptLevelsShares_MayChange()
    {
        JsonNode obj = (await server.SendAsync("GET", $"{Flow}/prioritylevelconfigurations/exempt")).Json;
        obj["spec"]!["exempt"] = JsonNode.Parse("""{"nominalConcurrencyShares":3,"lendablePercent":50}""");

        ApiAnswer answer = await server.SendAsync("PUT", $"{Flow}/prioritylevelconfigurations/exempt", obj.ToJsonString());

        Assert.Equal(200, answer.Code);
    }

    [Fact]
    public async Task Post_MandatoryObjectOfAnotherSpec_IsRefused()
    {
        // Before the name is found to be taken.
        ApiAnswer answer = await server.SendAsync(
            "POST", $"{Flow}/prioritylevelconfigurations",
            """{"metadata":{"name":"catch-all"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":1,"limitResponse":{"type":"Reject"}}}}""");

        Assert.Equal(422, answer.Code);
        Assert.Contains("spec of 'catch-all' must equal the fixed value", answer.Message);
    }

    [Fact]
    public async Task Post_FaultyLevel_ListsFaultsInOrder()
    {
        ApiAnswer answer = await server.SendAsync("POST", $"{Flow}/prioritylevelconfigurations", """
            {"metadata":{"name":"x","annotations":{"flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares":""}},
             "spec":{"type":"Limited","limited":{"nominalConcurrencyShares":-1,"lendablePercent":101,"borrowingLimitPercent":-1,"limitResponse":{"type":"Drop"}}}}
            """);

        Assert.Equal(
            ["metadata.annotations", "spec.limited.nominalConcurrencyShares",
                "spec.limited.limitResponse.type", "spec.limited.lendablePercent", "spec.limited.borrowingLimitPercent"],
            answer.Json["details"]!["causes"]!.AsArray().Select(c => (string?)c!["field"]));
    }
}
