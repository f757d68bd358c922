using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.OpenApi;

/// <summary>What OpenAPI tells of the built-in groups, against what kube-openapi's builder makes of Kubernetes v1.36.</summary>
public sealed class OpenApiDocumentTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Deployment = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";

    [Fact]
    public async Task V3_EveryAddressOfTheDirectory_IsADocumentWhoseReferencesResolve()
    {
        JsonObject directory = (await server.SendAsync("GET", "/openapi/v3")).Json["paths"]!.AsObject();

        Assert.Equal(directory.Select(d => d.Key).Order(StringComparer.Ordinal), directory.Select(d => d.Key));
        foreach (var (key, entry) in directory)
        {
            ApiAnswer answer = await server.SendAsync("GET", (string)entry!["serverRelativeURL"]!);
            Assert.True(answer.Code == 200, key);
            JsonObject schemas = answer.Json["components"]!["schemas"]?.AsObject() ?? [];
            Assert.All(References(answer.Json), r => Assert.True(schemas.ContainsKey(r["#/components/schemas/".Length..]), $"{key}: {r}"));
            Assert.NotEmpty(answer.Json["paths"]!.AsObject());
        }
    }

    [Theory]
    [InlineData("api", "/api/", "getCoreAPIVersions")]
    [InlineData("apis/rbac.authorization.k8s.io", "/apis/rbac.authorization.k8s.io/", "getRbacAuthorizationAPIGroup")]
    [InlineData("apis/apps/v1", "/apis/apps/v1/", "getAppsV1APIResources")]
    [InlineData("version", "/version/", "getCodeVersion")]
    [InlineData("logs", "/logs/{logpath}", "logFileHandler")]
    [InlineData("openid/v1/jwks", "/openid/v1/jwks/", "getServiceAccountIssuerOpenIDKeyset")]
    [InlineData(".well-known/openid-configuration", "/.well-known/openid-configuration/", "getServiceAccountIssuerOpenIDConfiguration")]
    public async Task V3_WhatIsNoResource_IsTold(string document, string path, string id) =>
        Assert.Equal(id, (string?)(await PathAsync(document, path))["get"]!["operationId"]);

    [Theory]
    [InlineData("apis/apps/v1", Deployment, "patch", "patchAppsV1NamespacedDeployment", "partially update the specified Deployment")]
    [InlineData(
        "apis/apps/v1", Deployment + "/scale", "get", "readAppsV1NamespacedDeploymentScale", "read scale of the specified Deployment")]
    [InlineData(
        "apis/apps/v1", "/apis/apps/v1/deployments", "get",
        "listAppsV1DeploymentForAllNamespaces", "list or watch objects of kind Deployment")]
    [InlineData("api/v1", "/api/v1/namespaces/{namespace}/endpoints", "post", "createCoreV1NamespacedEndpoints", "create Endpoints")]
    [InlineData(
        "api/v1", "/api/v1/namespaces/{namespace}/pods", "delete", "deleteCoreV1CollectionNamespacedPod", "delete collection of Pod")]
    [InlineData(
        "api/v1", "/api/v1/namespaces/{namespace}/pods/{name}/eviction", "post",
        "createCoreV1NamespacedPodEviction", "create eviction of a Pod")]
    [InlineData(
        "api/v1", "/api/v1/namespaces/{namespace}/pods/{name}/exec", "post", "connectCoreV1PostNamespacedPodExec",
        "connect POST requests to exec of Pod")]
    [InlineData(
        "api/v1", "/api/v1/nodes/{name}/proxy/{path}", "head",
        "connectCoreV1HeadNodeProxyWithPath", "connect HEAD requests to proxy of Node")]
    [InlineData(
        "networking.k8s.io", "/apis/networking.k8s.io/v1/ingressclasses", "post",
        "createNetworkingV1IngressClass", "create an IngressClass")]
    public async Task V3_Operations_HaveKubernetesNames(string document, string path, string method, string id, string description)
    {
        JsonNode operation = (await PathAsync(document.Contains('/') ? document : $"apis/{document}/v1", path))[method]!;

        Assert.Equal((id, description), ((string?)operation["operationId"], (string?)operation["description"]));
    }

    [Fact]
    public async Task V3_ParametersOfAllOperations_StandWithThePath()
    {
        JsonNode path = await PathAsync("apis/apps/v1", Deployment);

        Assert.Equal(["name", "namespace", "pretty"], Names(path));
        Assert.Equal([], Names(path["get"]!));
        Assert.Equal(["dryRun", "fieldManager", "fieldValidation", "force"], Names(path["patch"]!));
        Assert.Equal("name of the Deployment", (string?)path["parameters"]![0]!["description"]);
        Assert.Contains("required for apply requests", (string?)path["patch"]!["parameters"]![1]!["description"]);
    }

    [Fact]
    public async Task V3_Watch_AnswersEventsAndTellsAllParametersWithThePath()
    {
        JsonNode path = await PathAsync("api/v1", "/api/v1/watch/namespaces/{namespace}/pods/{name}");

        Assert.Equal("watch", (string?)path["get"]!["x-kubernetes-action"]);
        Assert.Contains("allowWatchBookmarks", Names(path));
        Assert.Equal(
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent",
            (string?)path["get"]!["responses"]!["200"]!["content"]!["application/json;stream=watch"]!["schema"]!["$ref"]);
    }

    [Theory]
    [InlineData("pods", "io.k8s.api.core.v1.Pod")]
    [InlineData("configmaps", "io.k8s.apimachinery.pkg.apis.meta.v1.Status")]
    [InlineData("replicationcontrollers", "io.k8s.apimachinery.pkg.apis.meta.v1.Status")]
    public async Task V3_Delete_TellsWhatIsAnswered(string resource, string type)
    {
        JsonNode path = await PathAsync("api/v1", $"/api/v1/namespaces/{{namespace}}/{resource}/{{name}}");

        Assert.EndsWith(type, (string?)path["delete"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!["$ref"]);
    }

    [Fact]
    public async Task V3_KindsOfEveryGroup_NameTheDocumentsOwn()
    {
        JsonNode document = (await server.SendAsync("GET", "/openapi/v3/apis/apps/v1")).Json;

        JsonNode options = document["components"]!["schemas"]!["io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"]!;
        JsonArray kinds = options["x-kubernetes-group-version-kind"]!.AsArray();

        Assert.Equal(["", "apps"], kinds.Select(k => (string?)k!["group"]));
    }

    [Theory]
    [InlineData("io.k8s.api.core.v1.VolumeMount", "readOnly")]
    [InlineData("io.k8s.api.core.v1.Toleration", "operator")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "namespace")]
    [InlineData("io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta", "continue")]
    public async Task V3_FieldsThatAreWordsOfCSharp_AreDescribed(string type, string field)
    {
        JsonNode document = (await server.SendAsync("GET", "/openapi/v3/api/v1")).Json;

        Assert.NotEmpty((string)document["components"]!["schemas"]![type]!["properties"]![field]!["description"]!);
    }

    [Fact]
    public async Task V3_Descriptions_KeepTheirParagraphs()
    {
        JsonNode document = (await server.SendAsync("GET", "/openapi/v3/api/v1")).Json;

        Assert.Contains(
            ".\n\nAn AWS EBS disk",
            (string?)document["components"]!["schemas"]!["io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource"]!["description"]);
    }

    [Fact]
    public async Task V2_ReferencesResolve_AndOperationsHaveNamesOfTheirOwn()
    {
        JsonNode document = (await server.SendAsync("GET", "/openapi/v2")).Json;

        JsonObject definitions = document["definitions"]!.AsObject(), parameters = document["parameters"]!.AsObject();
        Assert.All(References(document), r => Assert.True(r.StartsWith("#/parameters/", StringComparison.Ordinal)
            ? parameters.ContainsKey(r["#/parameters/".Length..])
            : definitions.ContainsKey(r["#/definitions/".Length..])));
        string[] ids = [.. document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject())
            .Select(o => o.Value as JsonObject).OfType<JsonObject>()
            .Select(o => (string)o["operationId"]!)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    /// <summary>The names hold a hash of what the parameter is, texts and all, so they show that these are Kubernetes' too.</summary>
    [Theory]
    [InlineData("allowWatchBookmarks-HC2hJt-J")]
    [InlineData("namespace-vgWSWtn3")]
    [InlineData("body-78PwaGsr")]
    [InlineData("fieldManager-7c6nTn1T")]
    [InlineData("path-QCf0eosM")]
    [InlineData("container-_Q-EJ3nR")]
    public async Task V2_SharedParameters_HaveKubernetesNames(string name) =>
        Assert.NotNull((await server.SendAsync("GET", "/openapi/v2")).Json["parameters"]![name]);

    private async Task<JsonNode> PathAsync(string document, string path) =>
        (await server.SendAsync("GET", "/openapi/v3/" + document)).Json["paths"]![path]
            ?? throw new KeyNotFoundException($"{document} has no {path}");

    private static IEnumerable<string> Names(JsonNode owner) => owner["parameters"]?.AsArray().Select(p => (string)p!["name"]!) ?? [];

    private static IEnumerable<string> References(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(
            m => m.Key == "$ref" && m.Value is JsonValue text ? [(string)text!] : m.Value is null ? [] : References(m.Value)),
        JsonArray list => list.SelectMany(i => i is null ? [] : References(i)),
        _ => [],
    };
}
