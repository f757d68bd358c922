using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.ApiServer.Tests.Streaming;
using Xunit;

namespace KubeLite.ApiServer.Tests.OpenApi;

public sealed class CustomOpenApiTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Schema = """
        {"type":"object","description":"A gadget.","required":["spec"],"properties":{
          "spec":{"type":"object","required":["size","perhaps"],"properties":{
            "size":{"type":"integer","minimum":1,"default":3,"anyOf":[{"minimum":1}]},
            "perhaps":{"type":"string","nullable":true},
            "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"a":{"type":"string"}}},
            "template":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}}}}}
        """;

    [Fact]
    public async Task V3_CustomKind_IsPublishedAsDeclaredWithTheCommonFields()
    {
        string ns = await AddAsync();

        JsonNode document = (await server.SendAsync("GET", $"/openapi/v3/apis/{ns}.example.com/v1")).Json;

        JsonNode gadget = document["components"]!["schemas"]![$"com.example.{ns}.v1.Gadget"]!;
        JsonNode properties = gadget["properties"]!, spec = properties["spec"]!["properties"]!;
        Assert.Equal("A gadget.", (string)gadget["description"]!);
        Assert.Equal("string", (string)properties["apiVersion"]!["type"]!);
        Assert.Equal(
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", (string)properties["metadata"]!["allOf"]![0]!["$ref"]!);
        Assert.True((bool)spec["perhaps"]!["nullable"]!);
        Assert.Equal(1, (int)spec["size"]!["anyOf"]![0]!["minimum"]!);
        Assert.NotNull(spec["template"]!["properties"]!["metadata"]);
        Assert.Equal("Gadget", (string)gadget["x-kubernetes-group-version-kind"]![0]!["kind"]!);
        Assert.NotNull(document["components"]!["schemas"]![$"com.example.{ns}.v1.GadgetList"]!["properties"]!["items"]);
        Assert.NotNull(document["components"]!["schemas"]!["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]);
        JsonNode patch = document["paths"]![$"/apis/{ns}.example.com/v1/namespaces/{{namespace}}/gadgets/{{name}}"]!["patch"]!;
        Assert.Null(patch["requestBody"]!["content"]!["application/strategic-merge-patch+json"]);
    }

    [Fact]
    public async Task V2_CustomKind_IsPublishedWithoutWhatV2CannotSay()
    {
        string ns = await AddAsync();

        JsonNode document = (await server.SendAsync("GET", "/openapi/v2")).Json;

        JsonNode gadget = document["definitions"]![$"com.example.{ns}.v1.Gadget"]!;
        JsonNode spec = gadget["properties"]!["spec"]!, fields = spec["properties"]!;
        Assert.Equal("#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", (string)gadget["properties"]!["metadata"]!["$ref"]!);
        Assert.Equal(["size"], spec["required"]!.AsArray().Select(r => (string)r!));
        Assert.Null(fields["size"]!["anyOf"]);
        Assert.Null(fields["perhaps"]!["type"]);
        Assert.Null(fields["open"]!["properties"]);
        Assert.True((bool)fields["open"]!["x-kubernetes-preserve-unknown-fields"]!);
        Assert.NotNull(document["paths"]![$"/apis/{ns}.example.com/v1/namespaces/{{namespace}}/gadgets"]!["post"]);
    }

    [Fact]
    public async Task V2_TagKept_Is304UntilADefinitionChanges()
    {
        await AddAsync();
        ApiAnswer first = await server.SendAsync(
            "GET", "/openapi/v2", accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");

        Assert.Equal(304, await ConditionalAsync(first.Headers["ETag"]));
        await AddAsync();
        Assert.Equal(200, await ConditionalAsync(first.Headers["ETag"]));
        Assert.NotEmpty(first.Bytes);

        async Task<int> ConditionalAsync(string tag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v2");
            request.Headers.TryAddWithoutValidation("Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
            request.Headers.TryAddWithoutValidation("If-None-Match", tag);
            using HttpResponseMessage response = await server.Admin.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task V3_Hash_IsOfTheContentAndLeadsToTheNewest()
    {
        string ns = await AddAsync(), key = $"apis/{ns}.example.com/v1";
        string before = await UrlAsync(key), core = await UrlAsync("api/v1");
        ApiAnswer kept = await server.SendAsync("GET", before);

        ApiAnswer changed = await server.SendAsync(
            "PATCH", $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.{ns}.example.com",
            """[{"op":"replace","path":"/spec/versions/0/schema/openAPIV3Schema/description","value":"Another."}]""",
            "application/json-patch+json");
        Assert.True(changed.Code == 200, changed.Text);
        await Until.TrueAsync(async () => await UrlAsync(key) != before, "the change is published");

        Assert.Equal("public, immutable", kept.Headers["Cache-Control"]);
        Assert.Equal(core, await UrlAsync("api/v1"));
        ApiAnswer moved = await server.SendAsync("GET", before);
        Assert.Equal((301, await UrlAsync(key)), (moved.Code, moved.Headers["Location"]));
        ApiAnswer newest = await server.SendAsync("GET", moved.Headers["Location"]);
        Assert.Contains("\"description\":\"Another.\"", newest.Text);
    }

    [Fact]
    public async Task V3_DefinitionDeleted_IsPublishedNoMore()
    {
        string ns = await AddAsync();

        await server.SendAsync("DELETE", $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gadgets.{ns}.example.com");

        await Until.TrueAsync(
            async () => (await server.SendAsync("GET", $"/openapi/v3/apis/{ns}.example.com/v1")).Code == 404, "the group is gone");
        Assert.DoesNotContain($"com.example.{ns}.v1.Gadget", (await server.SendAsync("GET", "/openapi/v2")).Text);
    }

    [Theory]
    [InlineData("application/com.github.proto-openapi.spec.v3@v1.0+protobuf")]
    [InlineData("application/com.github.proto-openapi.spec.v3.v1.0+protobuf,application/json;q=0.5")]
    public async Task V3_Protobuf_SaysWhatTheJsonSays(string accept)
    {
        string ns = await AddAsync(), url = await UrlAsync($"apis/{ns}.example.com/v1");

        ApiAnswer json = await server.SendAsync("GET", url), answer = await server.SendAsync("GET", url, accept: accept);

        Assert.Equal("application/com.github.proto-openapi.spec.v3.v1.0+protobuf", answer.ContentType);
        Assert.Equal(json.Headers["ETag"], answer.Headers["ETag"]);
        Assert.EndsWith(answer.Headers["ETag"].Trim('"'), url);
        var document = new WireMessage(answer.Bytes);
        Assert.Equal("3.0.0", document.Text(1));
        Assert.Equal("Kubernetes", document.Message(2).Text(1));
        Assert.Equal(
            json.Json["paths"]!.AsObject().Select(p => p.Key),
            document.Message(4).Messages(1).Select(p => p.Text(1)));
        WireMessage post = document.Message(4)
            .Messages(1)
            .Single(p => p.Text(1).EndsWith("/gadgets/{name}", StringComparison.Ordinal))
            .Message(2)
            .Message(5);
        Assert.Equal("application/json", post.Message(7).Message(1).Message(2).Message(1).Text(1));
        Assert.Equal(["200", "201", "401"], post.Message(8).Messages(2).Select(r => r.Text(1)));
        WireMessage gadget = Named(document.Message(5).Message(1), $"com.example.{ns}.v1.Gadget").Message(1);
        Assert.Equal("A gadget.", gadget.Text(34));
        Assert.Equal("x-kubernetes-group-version-kind", Assert.Single(gadget.Messages(36)).Text(1));
        Assert.Equal(
            "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
            Named(gadget.Message(31), "metadata").Message(1).Message(26).Message(2).Text(1));
        WireMessage size = Named(Named(gadget.Message(31), "spec").Message(1).Message(31), "size").Message(1);
        Assert.Equal("integer", size.Text(25));
        Assert.Equal(1, size.Number(13));
        Assert.Equal(3, size.Message(33).Number(1));
        Assert.Equal(1, size.Message(28).Message(1).Number(13));
    }

    [Fact]
    public async Task V2_Protobuf_SaysTheBoundsOfValues()
    {
        string ns = await AddAsync();

        ApiAnswer answer = await server.SendAsync(
            "GET", "/openapi/v2", accept: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");

        WireMessage gadget = Named(new WireMessage(answer.Bytes).Message(9), $"com.example.{ns}.v1.Gadget");
        Assert.Equal(1, Named(Named(gadget.Message(25), "spec").Message(25), "size").Number(9));
    }

    [Theory]
    [InlineData("/openapi/v2", "application/yaml", 406)]
    [InlineData("/openapi/v2", "application/com.github.proto-openapi.spec.v3@v1.0+protobuf", 406)]
    [InlineData("/openapi/v3/api/v1", "text/html", 406)]
    [InlineData("/openapi/v3/api/v1", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf", 406)]
    [InlineData("/openapi/v3/api/v1", "text/html, */*;q=0.1", 200)]
    [InlineData("/openapi/v3/apis/none/v1", "application/json", 404)]
    public async Task Accept_NothingServed_IsRefusedWithoutABody(string path, string accept, int code)
    {
        ApiAnswer answer = await server.SendAsync("GET", path, accept: accept);

        Assert.Equal(code, answer.Code);
        Assert.True(code == 200 || answer.Bytes.Length == 0, answer.Text);
    }

    [Theory]
    [InlineData("W/{0}", 304)]
    [InlineData("\"other\", {0}", 304)]
    [InlineData("*", 304)]
    [InlineData("\"other\"", 200)]
    public async Task V3_IfNoneMatch_ComparesTags(string header, int code)
    {
        string tag = (await server.SendAsync("GET", "/openapi/v3/api/v1")).Headers["ETag"];
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v3/api/v1");
        request.Headers.TryAddWithoutValidation(
            "If-None-Match", string.Format(System.Globalization.CultureInfo.InvariantCulture, header, tag));

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal(code, (int)response.StatusCode);
        Assert.Equal("Accept", response.Headers.Vary.Single());
    }

    private static WireMessage Named(WireMessage map, string name) => map.Messages(1).Single(m => m.Text(1) == name).Message(2);

    private async Task<string> UrlAsync(string key) =>
        (string)(await server.SendAsync("GET", "/openapi/v3")).Json["paths"]![key]!["serverRelativeURL"]!;

    /// <summary>Defines gadgets in a group of their own, and waits until they are served.</summary>
    private async Task<string> AddAsync()
    {
        string ns = await server.NewNamespaceAsync(), group = $"{ns}.example.com";
        await StreamCluster.CreateAsync(
            server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "{\"metadata\":{\"name\":\"gadgets." + group + "\"},\"spec\":{\"group\":\"" + group +
                "\",\"scope\":\"Namespaced\",\"names\":{\"plural\":\"gadgets\",\"kind\":\"Gadget\"}," +
            "\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":" + Schema + "}}]}}");
        await Until.TrueAsync(async () => (await server.SendAsync("GET", $"/apis/{group}/v1/gadgets")).Code == 200, "gadgets are served");
        return ns;
    }
}
