using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>Subresources that leave metadata alone.</summary>
public sealed class StatusMetadataTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Resource = "/apis/resource.k8s.io/v1";

    [Theory]
    [InlineData("ephemeralcontainers")]
    [InlineData("resize")]
    public async Task Put_PodSubresource_KeepsMetadata(string subresource)
    {
        string ns = await server.NewNamespaceAsync(), path = $"/api/v1/namespaces/{ns}/pods";
        await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("default"));
        JsonNode pod = (await server.SendAsync(
            "POST", path, """{"metadata":{"name":"p","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""")).Json;
        pod["metadata"]!["labels"] = JsonNode.Parse("""{"a":"c"}""");
        pod["metadata"]!["annotations"] = JsonNode.Parse("""{"x":"y"}""");
        pod["metadata"]!["finalizers"] = JsonNode.Parse("""["example.com/f"]""");

        ApiAnswer answer = await server.SendAsync("PUT", $"{path}/p/{subresource}", pod.ToJsonString());

        Assert.Equal(200, answer.Code);
        Assert.Equal("""{"a":"b"}""", answer.Json["metadata"]!["labels"]!.ToJsonString());
        Assert.Null(answer.Json["metadata"]!["annotations"]);
        Assert.Null(answer.Json["metadata"]!["finalizers"]);
    }

    [Theory]
    [InlineData("/apis/networking.k8s.io/v1/servicecidrs", """{"cidrs":["192.168.0.0/24"]}""")]
    [InlineData("/apis/storage.k8s.io/v1/volumeattachments", """{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"v"}}""")]
    public async Task Put_Status_KeepsMetadata(string path, string spec)
    {
        JsonNode obj = (await server.SendAsync("POST", path, $$"""{"metadata":{"name":"status-metadata"},"spec":{{spec}}}""")).Json;
        obj["metadata"]!["labels"] = JsonNode.Parse("""{"a":"c"}""");

        ApiAnswer answer = await server.SendAsync("PUT", $"{path}/status-metadata/status", obj.ToJsonString());

        Assert.Equal(200, answer.Code);
        Assert.Null(answer.Json["metadata"]!["labels"]);
    }

    [Theory]
    [InlineData("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", """{"priorityLevelConfiguration":{"name":"exempt"}}""")]
    [InlineData(
        "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
        """{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}""")]
    [InlineData(
        "/apis/apps/v1/namespaces/default/deployments",
        """{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}""")]
    public async Task Patch_StatusThatLeavesLabelsAlone_LetsNobodyOwnThem(string path, string spec)
    {
        await server.SendAsync("POST", path, $$"""{"metadata":{"name":"status-labels"},"spec":{{spec}}}""");

        ApiAnswer answer = await server.SendAsync(
            "PATCH", $"{path}/status-labels/status?fieldManager=status",
            """{"metadata":{"labels":{"a":"c"}},"status":{"conditions":[]}}""", "application/merge-patch+json");

        Assert.Equal(200, answer.Code);
        Assert.Null(answer.Json["metadata"]!["labels"]);
        Assert.DoesNotContain(answer.Json["metadata"]!["managedFields"]!.AsArray(), e => (string?)e!["manager"] == "status");
    }

    [Fact]
    public async Task Put_ClaimStatus_NeedsTheRightForEachPart()
    {
        await using ApiServerFixture own = await ApiServerFixture.StartAsync(o => o);
        string ns = await own.NewNamespaceAsync(), claims = $"{Resource}/namespaces/{ns}/resourceclaims";
        await own.SendAsync("POST", $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
            """{"metadata":{"name":"r"},"rules":[{"apiGroups":["resource.k8s.io"],"resources":["resourceclaims/status"],"verbs":["*"]}]}""");
        await own.SendAsync("POST", $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
            """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jane"}]}""");
        JsonNode claim = (await own.SendAsync(
            "POST", claims,
            """{"metadata":{"name":"c"},"spec":{"devices":{"requests":[{"name":"a","exactly":{"deviceClassName":"x"}}]}}}""")).Json;
        claim["status"] = JsonNode.Parse("""
            {"allocation":{"devices":{"results":[{"request":"a","driver":"d.example.com","pool":"p","device":"v"}]}},
             "devices":[{"driver":"d.example.com","pool":"p","device":"v"}]}
            """);
        using HttpClient jane = own.NewClient(ApiServerFixture.UserToken);

        ApiAnswer refused = await ApiServerFixture.SendAsync(
            jane, "PUT", $"{claims}/c/status", System.Text.Encoding.UTF8.GetBytes(claim.ToJsonString()), "application/json", "*/*");
        ApiAnswer done = await own.SendAsync("PUT", $"{claims}/c/status", claim.ToJsonString());

        Assert.Equal(
            "ResourceClaim.resource.k8s.io \"c\" is invalid: [status.allocation: Forbidden: changing status.allocation or status.reservedFor requires " +
            "resource=\"resourceclaims/binding\", verb=\"update\" permission: resourceclaims.resource.k8s.io is forbidden: User \"jane\" cannot update resource " +
            "\"resourceclaims/binding\" in API group \"resource.k8s.io\" at the cluster scope, status.devices: Forbidden: changing status.devices requires " +
            "resource=\"resourceclaims/driver\", verb=\"[arbitrary-node:update]\" permission: resourceclaims.resource.k8s.io \"d.example.com\" is forbidden: User \"jane\" " +
            $"cannot arbitrary-node:update resource \"resourceclaims/driver\" in API group \"resource.k8s.io\" in the namespace \"{ns}\"]",
            refused.Message);
        Assert.Equal(200, done.Code);
    }
}
