using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Requests;

/// <summary>The Impersonate-* headers, as v1.36 takes them with constrained impersonation on.</summary>
public sealed class ImpersonationTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    [Theory]
    [InlineData(
        "Impersonate-Group", "g",
        "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string{\"g\"}, Extra:map[string][]string(nil)} without impersonating a user name")]
    [InlineData(
        "Impersonate-Uid", "u",
        "requested &user.DefaultInfo{Name:\"\", UID:\"u\", Groups:[]string(nil), Extra:map[string][]string(nil)} without impersonating a user name")]
    [InlineData(
        "Impersonate-Extra-Scopes", "s",
        "requested &user.DefaultInfo{Name:\"\", UID:\"\", Groups:[]string(nil), Extra:map[string][]string{\"scopes\":[]string{\"s\"}}} without impersonating a user name")]
    public async Task Impersonate_NoUser_Is400(string header, string value, string message)
    {
        (int code, JsonNode body) = await GetAsync(ApiServerFixture.AdminToken, (header, value));

        Assert.Equal((400, message), (code, (string)body["message"]!));
    }

    [Theory]
    [InlineData(
        "bob",
        "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:serviceaccount:a:b",
        "pods is forbidden: User \"jane\" cannot impersonate-on:serviceaccount:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:serviceaccount:A:b",
        "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:serviceaccount:a:b/c",
        "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:node:N",
        "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:node:",
        "pods is forbidden: User \"jane\" cannot impersonate-on:user-info:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData(
        "system:node:n",
        "pods is forbidden: User \"jane\" cannot impersonate-on:arbitrary-node:list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    public async Task Impersonate_MayNot_ToldOfTheFirstMode(string user, string message)
    {
        (int code, JsonNode body) = await GetAsync(ApiServerFixture.UserToken, ("Impersonate-User", user));

        Assert.Equal((403, message), (code, (string)body["message"]!));
    }

    [Theory]
    [InlineData("bob", "User \"bob\" cannot list resource")]
    [InlineData("<b>&", "User \"&lt;b&gt;&amp;\" cannot list resource")]
    public async Task Impersonate_Administrator_ActsAsTheUser(string user, string words)
    {
        (int code, JsonNode body) = await GetAsync(ApiServerFixture.AdminToken, ("Impersonate-User", user));

        Assert.Equal(403, code);
        Assert.Contains(words, (string)body["message"]!);
    }

    [Theory]
    [InlineData(
        "scopes", "v",
        "impersonating an invalid key in extra is not allowed: extra.key: Invalid value: \"scopes\": must be a domain-prefixed path (such as \"acme.io/foo\")")]
    [InlineData("acme.io%2Ffoo", "", "impersonating the empty string value in extra is not allowed")]
    public async Task Impersonate_ExtraThatNoModeTakes_SaysWhy(string key, string value, string reason)
    {
        await using ApiServerFixture own = await ApiServerFixture.StartAsync(static o => o);
        await own.SendAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", """
            {"metadata":{"name":"may"},"rules":[
              {"apiGroups":[""],"resources":["pods"],"verbs":["impersonate-on:user-info:list"]},
              {"apiGroups":["authentication.k8s.io"],"resources":["users"],"verbs":["impersonate:user-info"]}]}
            """);
        await own.SendAsync("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"may"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"may"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"jane"}]}
            """);

        string message = "";
        await Until.TrueAsync(
            async () => (message = (string)(await GetAsync(
                own, ApiServerFixture.UserToken, ("Impersonate-User", "bob"), ($"Impersonate-Extra-{key}", value))).Body["message"]!)
                .Contains("userextras", StringComparison.Ordinal),
            "the role holds");

        Assert.EndsWith(reason, message);
    }

    [Fact]
    public async Task Impersonate_MastersByAnAdministrator_IsAllowedTheOldWay()
    {
        (int code, _) = await GetAsync(ApiServerFixture.AdminToken, ("Impersonate-User", "bob"), ("Impersonate-Group", "system:masters"));

        Assert.Equal(200, code);
    }

    private Task<(int Code, JsonNode Body)> GetAsync(string token, params (string Name, string Value)[] headers) =>
        GetAsync(server, token, headers);

    private static async Task<(int Code, JsonNode Body)> GetAsync(
        ApiServerFixture asked, string token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Pods);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach ((string name, string value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using HttpClient client = asked.NewClient(null);
        using HttpResponseMessage response = await client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }
}
