using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Requests;

public sealed class PathTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData("/nope")]
    [InlineData("/apis/nope.example.com/v1")]
    [InlineData("/apis/nope.example.com/v1/things")]
    public async Task Get_PathNobodyServes_IsPlain404(string path)
    {
        ApiAnswer answer = await server.SendAsync("GET", path);

        Assert.Equal(404, answer.Code);
        Assert.Equal("404 page not found\n", answer.Text);
        Assert.StartsWith("text/plain", answer.ContentType);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nopes")]
    [InlineData("GET", "/api/v1/namespaces/default/nopes/x")]
    [InlineData("GET", "/apis/apps/v1/nopes")]
    [InlineData("GET", "/api/v1/namespaces/default/nodes/x")]
    [InlineData("GET", "/api/v1/pods/x")]
    [InlineData("GET", "/api/v1/namespaces/default/pods/x/nope")]
    public async Task Get_UnknownResource_IsNotFoundStatus(string method, string path)
    {
        ApiAnswer answer = await server.SendAsync(method, path);

        Assert.Equal(404, answer.Code);
        Assert.Equal("NotFound", answer.Reason);
        Assert.Equal("the server could not find the requested resource", answer.Message);
    }

    [Theory]
    [InlineData("PUT", "/api/v1/namespaces/default/pods")]
    [InlineData("DELETE", "/api/v1/pods")]
    [InlineData("OPTIONS", "/api/v1/namespaces")]
    [InlineData("POST", "/api/v1/watch/pods")]
    [InlineData("PATCH", "/api/v1/namespaces/default/pods")]
    [InlineData("POST", "/api/v1/namespaces/default/pods/x")]
    [InlineData("POST", "/api/v1/pods")]
    [InlineData("GET", "/apis/authorization.k8s.io/v1/subjectaccessreviews")]
    [InlineData("DELETE", "/api/v1/namespaces/default/pods/x/status")]
    public async Task Send_MethodTheResourceHasNot_Is405(string method, string path)
    {
        ApiAnswer answer = await server.SendAsync(
            method, path, "{}", method == "PATCH" ? "application/merge-patch+json" : "application/json");

        Assert.Equal(405, answer.Code);
        Assert.Equal("MethodNotAllowed", answer.Reason);
        Assert.Equal("the server does not allow this method on the requested resource", answer.Message);
    }

    [Theory]
    [InlineData("//api/v1/pods", "404 page not found")]
    [InlineData("//apis/apps/v1/deployments", "404 page not found")]
    [InlineData("//healthz", "404 page not found")]
    [InlineData("//version", "404 page not found")]
    [InlineData("/apis//v1/pods", "404 page not found")]
    [InlineData("/api//v1/pods", "the server could not find the requested resource")]
    [InlineData("/api/v1//pods", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default//pods", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces//nodes/x", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/namespaces/default", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/configmaps/a%2Fb", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/configmaps/a%2fb/status", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/../../pods", "the server could not find the requested resource")]
    [InlineData("/api/v1/namespaces/default/configmaps/..", "Name parameter invalid: \"..\": may not be '..'")]
    [InlineData("/api/v1/namespaces/default/configmaps/%2e", "Name parameter invalid: \".\": may not be '.'")]
    [InlineData("/api/v1/namespaces/default/configmaps/a%25b", "Name parameter invalid: \"a%b\": may not contain '%'")]
    [InlineData("/api/v1/namespaces/default/pods/../status", "Name parameter invalid: \"..\": may not be '..'")]
    [InlineData("/api/v1/namespaces//configmaps/x", "Namespace parameter required.")]
    [InlineData("/api/v1/namespaces/default/pods//status", "name must be provided")]
    [InlineData("/api/v1/nodes//proxy", "name must be provided")]
    public async Task Get_OddPath_IsTakenAsItWasSent(string path, string message)
    {
        (int code, string body) = await SendAsSentAsync(path);

        Assert.Equal(message.Contains("parameter") || message.Contains("provided") ? 400 : 404, code);
        Assert.Equal(message, body.StartsWith('{') ? (string?)JsonNode.Parse(body)!["message"] : body.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("/api/v1/namespaces//pods", "PodList")]
    [InlineData("/api/v1/namespaces/default/pods//", "PodList")]
    [InlineData("/api/v1/namespaces//", "NamespaceList")]
    [InlineData("/api/v1//", "APIResourceList")]
    [InlineData("/api%2Fv1%2Fpods", "PodList")]
    [InlineData("/api/v1/namespaces/de%66ault", "Namespace")]
    public async Task Get_OddPath_IsServedWhereItsPartsFit(string path, string kind)
    {
        (int code, string body) = await SendAsSentAsync(path);

        Assert.Equal((200, kind), (code, (string?)JsonNode.Parse(body)!["kind"]));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Get_SelectorOfManyNames_IsServed(string protocol)
    {
        string names = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"name-{i}"));
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(server.Address, "/api/v1/pods?labelSelector=" + Uri.EscapeDataString($"x in ({names})")))
        {
            Version = Version.Parse(protocol),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("PodList", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["kind"]);
    }

    [Theory]
    [InlineData("a\\u0000b", "metadata.name: Invalid value: \"a\\x00b\": may not contain '\\x00'")]
    [InlineData("a%b", "metadata.name: Invalid value: \"a%b\": may not contain '%'")]
    public async Task Post_NameThatNoPathCanHold_IsInvalid(string name, string fault)
    {
        ApiAnswer answer = await server.SendAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", ApiServerFixture.Named(name));

        Assert.Equal(422, answer.Code);
        Assert.EndsWith("is invalid: " + fault, answer.Message);
    }

    [Fact]
    public async Task Post_EmptyNamespace_IsInvalid()
    {
        ApiAnswer answer = await server.SendAsync("POST", "/api/v1/namespaces//configmaps", ApiServerFixture.Named("x"));

        Assert.Equal(422, answer.Code);
        Assert.Equal("ConfigMap \"x\" is invalid: metadata.namespace: Required value", answer.Message);
    }

    /// <summary>Sends a path without what <see cref="Uri"/> would make of it.</summary>
    private async Task<(int Code, string Body)> SendAsSentAsync(string path)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(
                server.Address.GetLeftPart(UriPartial.Authority) + path,
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        using HttpResponseMessage response = await server.Admin.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Get_NoToken_Is401AndSaysHow()
    {
        using HttpClient nobody = server.NewClient(null);

        ApiAnswer answer = await ApiServerFixture.SendAsync(nobody, "GET", "/api/v1/pods", null, "", "*/*");

        Assert.Equal(401, answer.Code);
        Assert.Equal("Unauthorized", answer.Reason);
    }

    [Fact]
    public async Task Get_UserWithoutRights_Is403()
    {
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);

        ApiAnswer answer = await ApiServerFixture.SendAsync(jane, "GET", "/api/v1/namespaces/default/pods", null, "", "*/*");

        Assert.Equal(403, answer.Code);
        Assert.Equal(
            "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"",
            answer.Message);
    }

    [Theory]
    [InlineData("/api/v1/configmaps?watch=1")]
    [InlineData("/api/v1/watch/configmaps")]
    [InlineData("/api/v1/namespaces/default/pods/x/log?follow=true")]
    [InlineData("/api/v1/namespaces/default?watch=true")]
    public async Task Head_Stream_Is405AndLeavesTheConnectionUsable(string path)
    {
        ApiAnswer head = await server.SendAsync("HEAD", path);
        ApiAnswer next = await server.SendAsync("GET", "/api/v1/namespaces/default");

        Assert.Equal(405, head.Code);
        Assert.Equal(200, next.Code);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default", 405)]
    [InlineData("/api/v1/namespaces", 405)]
    [InlineData("/api/v1/namespaces/default/status", 405)]
    [InlineData("/healthz", 200)]
    public async Task Head_Path_IsServedOnlyWhereNoRouteNamesMethods(string path, int code)
    {
        ApiAnswer answer = await server.SendAsync("HEAD", path);

        Assert.Equal(code, answer.Code);
        Assert.Empty(answer.Bytes);
    }

    [Theory]
    [InlineData("POST", "/api", 405)]
    [InlineData("DELETE", "/api/v1", 405)]
    [InlineData("POST", "/apis/apps/v1", 405)]
    [InlineData("POST", "/apis", 200)]
    [InlineData("POST", "/apis/apps", 200)]
    [InlineData("DELETE", "/version", 405)]
    public async Task Any_Discovery_TakesTheMethodsOfItsHandler(string method, string path, int code) =>
        Assert.Equal(code, (await server.SendAsync(method, path)).Code);

    [Fact]
    public async Task Get_Root_ListsThePaths()
    {
        ApiAnswer answer = await server.SendAsync("GET", "/");

        Assert.Equal(200, answer.Code);
        string[] paths = [.. answer.Json["paths"]!.AsArray().Select(p => (string)p!)];
        Assert.Equal(paths.Order(StringComparer.Ordinal), paths);
        Assert.Empty(((string[])["/api/v1", "/apis/apps", "/apis/apps/v1", "/healthz/ping", "/readyz", "/version"]).Except(paths));
    }

    [Fact]
    public async Task Get_AuditIdSent_ComesBack()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/default");
        request.Headers.Add("Audit-ID", "an-id");

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal("an-id", response.Headers.GetValues("Audit-Id").Single());
    }
}
