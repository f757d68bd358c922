using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>What becomes of new objects of many kinds, as in Kubernetes v1.36: names, generations, and where a PUT creates.</summary>
public sealed class KindCreateTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Merge = "application/merge-patch+json";

    [Theory]
    [InlineData("api/v1/namespaces/*/services", """{"spec":{"ports":[{"port":80}]}}""", 201)]
    [InlineData("apis/node.k8s.io/v1/runtimeclasses", """{"handler":"h"}""", 201)]
    [InlineData("api/v1/namespaces/*/limitranges", """{"spec":{"limits":[]}}""", 201)]
    [InlineData("api/v1/namespaces/*/podtemplates", """{"template":{"spec":{"containers":[{"name":"c","image":"i"}]}}}""", 404)]
    [InlineData("apis/discovery.k8s.io/v1/namespaces/*/endpointslices", """{"addressType":"IPv4","endpoints":[]}""", 404)]
    [InlineData("api/v1/namespaces/*/configmaps", "{}", 404)]
    public async Task Put_OfWhatIsNotThere_CreatesWhereTheKindAllowsIt(string path, string text, int code)
    {
        string name = await server.NewNamespaceAsync();
        JsonNode obj = JsonNode.Parse(text)!;
        obj["metadata"] = new JsonObject { ["name"] = name };
        Assert.Equal(
            code, (await server.SendAsync("PUT", $"/{path.Replace("*", name, StringComparison.Ordinal)}/{name}", obj.ToJsonString())).Code);
    }

    [Theory]
    [InlineData("apis/certificates.k8s.io/v1/certificatesigningrequests", "a%b", "may not contain '%'")]
    [InlineData("apis/policy/v1/namespaces/*/poddisruptionbudgets", "a%b", "may not contain '%'")]
    [InlineData("apis/policy/v1/namespaces/*/poddisruptionbudgets", "Any_Name", null)]
    public async Task Create_OfAKindWithoutARuleForNames_TakesWhatCanStandInAPath(string path, string name, string? fault)
    {
        string ns = await server.NewNamespaceAsync();
        ApiAnswer made = await server.SendAsync(
            "POST", "/" + path.Replace("*", ns, StringComparison.Ordinal), $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{}}""");
        Assert.Equal(fault is null ? 201 : 422, made.Code);
        Assert.Contains(
            fault is null ? name : $"metadata.name: Invalid value: \"{name}\": {fault}",
            (string?)made.Json["message"] ?? name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_LimitRangeWithoutName_IsNamedByAUid()
    {
        string ns = await server.NewNamespaceAsync();
        ApiAnswer made = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/limitranges", """{"metadata":{},"spec":{"limits":[]}}""");
        Assert.Equal(201, made.Code);
        Assert.True(Guid.TryParse((string?)made.Json["metadata"]!["name"], out _));
    }

    [Fact]
    public async Task Create_OfAKindThatCountsNothing_KeepsTheGenerationThatWasSent()
    {
        string ns = await server.NewNamespaceAsync();
        ApiAnswer made = await server.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a","generation":5}}""");
        Assert.Equal((201, 5), (made.Code, (int?)made.Json["metadata"]!["generation"]));
    }

    [Fact]
    public async Task Create_WithAmountsBelowAThousandth_RoundsThemUp()
    {
        string ns = await server.NewNamespaceAsync();
        ApiAnswer made = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/podtemplates", """
            {"metadata":{"name":"t"},"template":{"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1500u","memory":"1e3"}}}]}}}
            """);
        Assert.Equal(
            """{"cpu":"2m","memory":"1e3"}""", made.Json["template"]!["spec"]!["containers"]![0]!["resources"]!["limits"]!.ToJsonString());
    }

    [Fact]
    public async Task Change_CsiDriver_CountsOnlyChanges()
    {
        string name = await server.NewNamespaceAsync();
        ApiAnswer made = await server.SendAsync(
            "POST", "/apis/storage.k8s.io/v1/csidrivers", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{}}""");
        Assert.Null(made.Json["metadata"]!["generation"]);
        ApiAnswer changed = await server.SendAsync(
            "PATCH", $"/apis/storage.k8s.io/v1/csidrivers/{name}", """{"spec":{"requiresRepublish":true}}""", Merge);
        Assert.Equal(1, (int?)changed.Json["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Put_StatusOfVolumeWithoutATime_KeepsSinceWhenThePhaseIs()
    {
        const string path = "/api/v1/persistentvolumes";
        ApiAnswer made = await server.SendAsync("POST", path,
            """{"metadata":{"name":"v"},"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}}""");
        JsonNode volume = made.Json;
        string since = (string)volume["status"]!["lastPhaseTransitionTime"]!;
        volume["status"] = new JsonObject { ["phase"] = "Pending", ["message"] = "m" };
        ApiAnswer answer = await server.SendAsync("PUT", path + "/v/status", volume.ToJsonString());
        Assert.Equal(
            (since, "m"), ((string?)answer.Json["status"]!["lastPhaseTransitionTime"], (string?)answer.Json["status"]!["message"]));
    }

    [Fact]
    public async Task Delete_EventInTheForeground_WaitsForNothing()
    {
        string ns = await server.NewNamespaceAsync();
        await server.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/events", $$$"""{"metadata":{"name":"e"},"involvedObject":{"namespace":"{{{ns}}}"}}""");
        await server.SendAsync("DELETE", $"/api/v1/namespaces/{ns}/events/e?propagationPolicy=Foreground");
        Assert.Equal(404, (await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/events/e")).Code);
    }
}
