using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Subresources;

public sealed class ReviewTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Authz = "/apis/authorization.k8s.io/v1", Authn = "/apis/authentication.k8s.io/v1";

    [Theory]
    [InlineData(
        """{"metadata":{"labels":{"a":"b"}},"spec":{"user":"u","resourceAttributes":{"verb":"get","resource":"pods"}}}""",
        "metadata: Invalid value: {\"labels\":{\"a\":\"b\"},\"managedFields\":", ": must be empty")]
    [InlineData(
        """{"spec":{"user":"u","resourceAttributes":{"verb":"get"},"nonResourceAttributes":{"path":"/x","verb":"get"}}}""",
        "spec.nonResourceAttributes: Invalid value: {\"Path\":\"/x\",\"Verb\":\"get\"}",
        "cannot be specified in combination with resourceAttributes")]
    [InlineData(
        """{"spec":{"user":"u","resourceAttributes":{"verb":"list","fieldSelector":{}}}}""",
        "spec.resourceAttributes.fieldSelector.requirements: Required value",
        "when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required")]
    [InlineData(
        """{"spec":{"user":"u","resourceAttributes":{"verb":"list","labelSelector":{"rawSelector":"a=b","requirements":[{"key":"a","operator":"In"}]}}}}""",
        "[spec.resourceAttributes.labelSelector.rawSelector: Invalid value: \"a=b\": may not specified at the same time as requirements, spec.resourceAttributes.labelSelector.requirements[0].values: Required value",
        "must be specified when `operator` is 'In' or 'NotIn']")]
    public async Task Access_FaultyReview_IsInvalid(string review, string begin, string end)
    {
        ApiAnswer answer = await server.SendAsync("POST", Authz + "/subjectaccessreviews", review);

        Assert.Equal(422, answer.Code);
        Assert.StartsWith(".authorization.k8s.io \"\" is invalid: " + begin, answer.Message);
        Assert.EndsWith(end, answer.Message);
    }

    [Theory]
    [InlineData(
        """{"spec":{"user":"u","resourceAttributes":{"verb":"get","namespace":"other"}}}""",
        ".authorization.k8s.io \"\" is invalid: spec.resourceAttributes.namespace: Invalid value: \"other\": must match metadata.namespace")]
    [InlineData(
        """{"spec":{"user":"u","nonResourceAttributes":{"path":"/x"}}}""",
        ".authorization.k8s.io \"\" is invalid: spec.nonResourceAttributes: Invalid value: {\"Path\":\"/x\",\"Verb\":\"\"}: disallowed on this kind of request")]
    [InlineData(
        """{"metadata":{"namespace":"other"},"spec":{"user":"u"}}""",
        "the namespace of the provided object does not match the namespace sent on the request")]
    public async Task LocalAccess_FaultyReview_IsRefused(string review, string message)
    {
        ApiAnswer answer = await server.SendAsync("POST", Authz + "/namespaces/default/localsubjectaccessreviews", review);

        Assert.Equal(message, answer.Message);
    }

    [Theory]
    [InlineData(
        "fieldSelector", """{"requirements":[{"key":"a","operator":"In","values":["b"]},{"key":"c","operator":"Like"}]}""",
        "spec.resourceAttributes.fieldSelector partially ignored due to parse error")]
    [InlineData("labelSelector", """{"rawSelector":"a in"}""", "spec.resourceAttributes.labelSelector ignored due to parse error")]
    public async Task Access_SelectorNobodyUnderstands_IsSaidInStatus(string selector, string value, string error)
    {
        ApiAnswer answer = await server.SendAsync(
            "POST", Authz + "/selfsubjectaccessreviews",
            $$$"""{"spec":{"resourceAttributes":{"verb":"list","{{{selector}}}":{{{value}}} } } }""");

        Assert.Equal(201, answer.Code);
        Assert.Equal(error, (string?)answer.Json["status"]!["evaluationError"]);
    }

    [Fact]
    public async Task Access_UnknownFieldStrictly_IsRefused()
    {
        ApiAnswer answer = await server.SendAsync(
            "POST", Authz + "/selfsubjectaccessreviews?fieldValidation=Strict",
            """{"spec":{"nope":1,"resourceAttributes":{"verb":"get"}}}""");

        Assert.Equal(
            "SelfSubjectAccessReview in version \"v1\" cannot be handled as a SelfSubjectAccessReview: strict decoding error: unknown field \"spec.nope\"",
            answer.Message);
    }

    [Fact]
    public async Task Rules_NamedReview_GivesBackTheStatusAlone()
    {
        ApiAnswer answer = await server.SendAsync(
            "POST", Authz + "/selfsubjectrulesreviews", """{"metadata":{"name":"x"},"spec":{"namespace":"default"}}""");

        Assert.Equal("{}", answer.Json["metadata"]!.ToJsonString());
        Assert.Equal("{}", answer.Json["spec"]!.ToJsonString());
        Assert.NotNull(answer.Json["status"]!["resourceRules"]);
    }

    [Fact]
    public async Task Token_OfNobody_IsNotAuthenticated()
    {
        ApiAnswer answer = await server.SendAsync("POST", Authn + "/tokenreviews", """{"spec":{"token":"nope"}}""");

        Assert.Equal("""{"user":{},"error":"invalid bearer token"}""", answer.Json["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", """["https://kubernetes.default.svc.cluster.local"]""")]
    [InlineData("""["https://kubernetes.default.svc.cluster.local","b"]""", """["https://kubernetes.default.svc.cluster.local"]""")]
    [InlineData("""["b"]""", null)]
    public async Task Token_Static_IsForThisServer(string audiences, string? shared)
    {
        string spec = $"\"token\":\"{ApiServerFixture.UserToken}\"" + (audiences.Length > 0 ? $",\"audiences\":{audiences}" : "");

        ApiAnswer answer = await server.SendAsync("POST", Authn + "/tokenreviews", $$$"""{"spec":{ {{{spec}}} } }""");

        Assert.Equal(shared, answer.Json["status"]!["audiences"]?.ToJsonString());
        Assert.Equal(shared is not null, (bool?)answer.Json["status"]!["authenticated"] ?? false);
    }

    [Fact]
    public async Task Token_ForSomeoneElse_IsRefusedByItsAudience()
    {
        string ns = await server.NewNamespaceAsync();
        await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("sa"));
        ApiAnswer made = await server.SendAsync(
            "POST", $"/api/v1/namespaces/{ns}/serviceaccounts/sa/token", """{"spec":{"audiences":["a"]}}""");

        ApiAnswer answer = await server.SendAsync(
            "POST", Authn + "/tokenreviews", $$$"""{"spec":{"token":"{{{made.Json["status"]!["token"]}}}","audiences":["b","c"]} }""");

        Assert.Equal("token audiences [\"a\"] is invalid for the target audiences [\"b\" \"c\"]", (string?)answer.Json["status"]!["error"]);
    }
}
