using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>A write answers with what is read afterwards, byte for byte, whether from the stored bytes or from the document.</summary>
public sealed class WriteAnswerTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Merge = "application/merge-patch+json";
    private const string Map = """{"metadata":{"name":"x"},"data":{"a":"ü"}}""";
    private const string Deployment =
        """{"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";

    [Theory]
    [InlineData("")]
    [InlineData("?pretty=true")]
    public async Task Writes_OfABuiltInKind_AnswerWhatIsStored(string query)
    {
        string deployments = $"/apis/apps/v1/namespaces/{await server.NewNamespaceAsync()}/deployments", x = deployments + "/x";

        await SameAsync(await server.SendAsync("POST", deployments + query, Deployment), 201, x + query);
        await SameAsync(await server.SendAsync("PATCH", x + query, """{"spec":{"replicas":2}}""", Merge), 200, x + query);
        await SameAsync(await server.SendAsync("PATCH", x + query, """{"spec":{"replicas":2}}""", Merge), 200, x + query);
        await SameAsync(await server.SendAsync("PATCH", x + "/status" + query, """{"status":{"replicas":2}}""", Merge), 200, x + query);
        ApiAnswer got = await server.SendAsync("GET", x);
        JsonNode changed = got.Json;
        changed["metadata"]!["annotations"] = new JsonObject { ["a"] = "<b>" };
        await SameAsync(await server.SendAsync("PUT", x + query, changed.ToJsonString()), 200, x + query);
        await SameAsync(
            await server.SendAsync(
                "PATCH", x + query + (query.Length > 0 ? "&" : "?") + "fieldManager=m",
                """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","labels":{"c":"d"}}}""",
                "application/apply-patch+yaml"),
            200, x + query);
    }

    [Fact]
    public async Task Delete_OfAnObjectThatStays_AnswersWhatIsStored()
    {
        string maps = $"/api/v1/namespaces/{await server.NewNamespaceAsync()}/configmaps";
        await server.SendAsync(
            "POST", maps, """{"metadata":{"name":"x","labels":{"a":"b"},"finalizers":["example.com/f"]},"data":{"a":"b"}}""");

        ApiAnswer deleted = await server.SendAsync("DELETE", maps + "/x");

        Assert.NotNull(deleted.Json["metadata"]!["deletionTimestamp"]);
        await SameAsync(deleted, 200, maps + "/x");
    }

    [Fact]
    public async Task Apply_OfWhatIsNotThere_AnswersWhatIsStored()
    {
        string maps = $"/api/v1/namespaces/{await server.NewNamespaceAsync()}/configmaps";

        ApiAnswer made = await server.SendAsync(
            "PATCH", maps + "/x?fieldManager=m", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"b"}}""",
            "application/apply-patch+yaml");

        await SameAsync(made, 201, maps + "/x");
    }

    [Fact]
    public async Task DryRun_AnswersWithoutRevision_AndStoresNothing()
    {
        string maps = $"/api/v1/namespaces/{await server.NewNamespaceAsync()}/configmaps";

        ApiAnswer made = await server.SendAsync("POST", maps + "?dryRun=All", Map);

        Assert.Equal(201, made.Code);
        Assert.EndsWith("}\n", made.Text);
        Assert.Null(made.Json["metadata"]!["resourceVersion"]);
        Assert.Equal(404, (await server.SendAsync("GET", maps + "/x")).Code);
        await server.SendAsync("POST", maps, Map);
        string before = (await server.SendAsync("GET", maps + "/x")).Text;
        ApiAnswer changed = await server.SendAsync("PATCH", maps + "/x?dryRun=All", """{"metadata":{"labels":{"c":"d"}}}""", Merge);
        Assert.Equal("d", (string?)changed.Json["metadata"]!["labels"]!["c"]);
        Assert.Equal(before, (await server.SendAsync("GET", maps + "/x")).Text);
    }

    [Fact]
    public async Task Create_RevisionThatKeepsItsText_AnswersItsValue()
    {
        string revisions = $"/apis/apps/v1/namespaces/{await server.NewNamespaceAsync()}/controllerrevisions";

        ApiAnswer made = await server.SendAsync(
            "POST", revisions, """{"metadata":{"name":"x"},"data":{ "b" : 1, "a":[ 2 ]},"revision":1}""");

        Assert.Equal(201, made.Code);
        Assert.Contains("\"data\":{\"", made.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" : ", made.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writes_OfACustomResource_AnswerInOrderOfNamesAndInTheVersionAskedFor()
    {
        string group = $"g{Guid.NewGuid():N}.example.com";
        const string Schema = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";
        ApiAnswer defined = await server.SendAsync("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", $$$"""
            {"metadata":{"name":"things.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Cluster","names":{"plural":"things","singular":"thing","kind":"Thing"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{Schema}}}}},
                         {"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{{{Schema}}}}}]}}
            """);
        Assert.Equal(201, defined.Code);
        await Until.TrueAsync(
            async () => (await server.SendAsync("GET", $"/apis/{group}/v2/things")).Code == 200, "the definition is served");

        foreach (string version in (string[])["v1", "v2"])
        {
            string things = $"/apis/{group}/{version}/things", x = $"{things}/{version}";
            ApiAnswer made = await server.SendAsync(
                "POST", things,
                $$$"""{"apiVersion":"{{{group}}}/{{{version}}}","kind":"Thing","metadata":{"name":"{{{version}}}"},"spec":{"b":1,"a":2}}""");
            ApiAnswer patched = await server.SendAsync("PATCH", x, """{"spec":{"c":3}}""", Merge);
            JsonNode read = (await server.SendAsync("GET", x)).Json;

            Assert.Equal((201, 200), (made.Code, patched.Code));
            foreach (ApiAnswer answer in (ApiAnswer[])[made, patched])
            {
                Assert.EndsWith("}\n", answer.Text);
                Assert.Equal($"{group}/{version}", (string?)answer.Json["apiVersion"]);
                string[] members = [.. answer.Json["metadata"]!.AsObject().Select(m => m.Key)];
                Assert.Equal(members.Order(StringComparer.Ordinal), members);
                Assert.Contains("resourceVersion", members);
            }

            Assert.Equal((string?)read["metadata"]!["resourceVersion"], (string?)patched.Json["metadata"]!["resourceVersion"]);
            Assert.True(JsonNode.DeepEquals(read, patched.Json));
        }
    }

    private async Task SameAsync(ApiAnswer written, int code, string path)
    {
        ApiAnswer read = await server.SendAsync("GET", path);
        Assert.Equal(code, written.Code);
        Assert.Equal("application/json", written.ContentType);
        Assert.Equal(read.Text.TrimEnd('\n'), written.Text.TrimEnd('\n'));
    }
}
