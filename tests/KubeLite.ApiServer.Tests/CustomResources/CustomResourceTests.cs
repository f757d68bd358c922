using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.CustomResources;

/// <summary>Custom objects as clients write and read them.</summary>
public sealed class CustomResourceTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Merge = "application/merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    private static int s_groups;

    [Fact]
    public async Task Write_InAnotherVersion_KeepsWhatTheStorageVersionKnows()
    {
        string group = await DefineAsync(
            Version(
                "v1", storage: true,
                """{"spec":{"type":"object","properties":{"c":{"type":"string"},"a":{"type":"string","default":"A"}}}}"""),
            Version(
                "v2", storage: false,
                """{"spec":{"type":"object","required":["b"],"properties":{"c":{"type":"string"},"b":{"type":"string","default":"B"}}}}"""));
        string v1 = $"/apis/{group}/v1/things", v2 = $"/apis/{group}/v2/things";

        ApiAnswer made = await PostAsync(v2, """{"metadata":{"name":"t"},"spec":{"c":"x"}}""");

        Assert.Equal((201, """{"c":"x"}"""), (made.Code, made.Json["spec"]!.ToJsonString()));
        Assert.Equal("""{"a":"A","c":"x"}""", (await server.SendAsync("GET", v1 + "/t")).Json["spec"]!.ToJsonString());
        Assert.Equal("""{"c":"x"}""", (await server.SendAsync("GET", v2 + "/t")).Json["spec"]!.ToJsonString());
        Assert.Equal(
            """{"c":"y"}""", (await server.SendAsync("PATCH", v2 + "/t", """{"spec":{"c":"y"}}""", Merge)).Json["spec"]!.ToJsonString());
        Assert.Equal("""{"a":"A","c":"y"}""", (await server.SendAsync("GET", v1)).Json["items"]![0]!["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task Write_UnknownFields_AreNamedAtEveryPlace()
    {
        string group = await DefineAsync(
            Version("v1", storage: true, """{"spec":{"type":"object","properties":{"text":{"type":"string"}}}}"""));
        const string Body = """{"metadata":{"name":"t","oops":1},"spec":{"text":{"a":1},"b":1},"beside":1}""";

        ApiAnswer strict = await PostAsync($"/apis/{group}/v1/things", Body, "?fieldValidation=Strict");

        Assert.Equal(
            "Thing in version \"v1\" cannot be handled as a Thing: strict decoding error: unknown field \"metadata.oops\", unknown field \"beside\", unknown field \"spec.b\", unknown field \"spec.text.a\"",
            strict.Message);
    }

    [Fact]
    public async Task Put_Status_ChangesNothingElse()
    {
        string group = await DefineAsync(Version(
            "v1",
            storage: true,
            """{"spec":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"status":{"type":"object","properties":{"n":{"type":"integer","maximum":5}}}}""",
            """{"status":{}}"""));
        string things = $"/apis/{group}/v1/things";
        JsonNode obj = (await PostAsync(things, """{"metadata":{"name":"t"},"spec":{"a":1},"status":{"n":1}}""")).Json;
        Assert.Null(obj["status"]);
        obj["metadata"]!["labels"] = new JsonObject { ["x"] = "y" };
        obj["spec"]!["a"] = 2;
        obj["status"] = new JsonObject { ["n"] = 9 };

        ApiAnswer refused = await server.SendAsync("PUT", things + "/t/status", obj.ToJsonString());
        obj["status"] = new JsonObject { ["n"] = 5 };
        ApiAnswer taken = await server.SendAsync("PUT", things + "/t/status", obj.ToJsonString());

        Assert.Equal(
            "Thing." + group + " \"t\" is invalid: status.n: Invalid value: 9: n in body should be less than or equal to 5",
            refused.Message);
        Assert.Equal("""{"a":1}""", taken.Json["spec"]!.ToJsonString());
        Assert.Equal("""{"n":5}""", taken.Json["status"]!.ToJsonString());
        Assert.Null(taken.Json["metadata"]!["labels"]);
        Assert.Equal(1, (int)taken.Json["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Put_WhatWasInvalidBefore_IsForgivenOnlyWhereItIsUnchanged()
    {
        JsonObject loose = Version(
            "v1", storage: true, """{"spec":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}""");
        string group = await DefineAsync(loose);
        string definition = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}", things = $"/apis/{group}/v1/things";
        await PostAsync(things, """{"metadata":{"name":"t"},"spec":{"a":"old","b":"old"}}""");
        await server.SendAsync(
            "PATCH",
            definition,
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/enum","value":["new"]}]""",
            "application/json-patch+json");
        await Until.TrueAsync(
            async () => (await PostAsync(things, """{"metadata":{"name":"u"},"spec":{"a":"old"}}""")).Code == 422,
            "the new schema is asked");

        ApiAnswer kept = await server.SendAsync("PATCH", things + "/t", """{"spec":{"b":"other"}}""", Merge);
        ApiAnswer changed = await server.SendAsync("PATCH", things + "/t", """{"spec":{"a":"bad"}}""", Merge);

        Assert.Equal(200, kept.Code);
        Assert.Equal(
            "Thing." + group + " \"t\" is invalid: spec.a: Unsupported value: \"bad\": supported values: \"new\"", changed.Message);
    }

    [Fact]
    public async Task Apply_ListMapWhoseKeyHasADefault_OwnsTheItemByIt()
    {
        string group = await DefineAsync(Version("v1", storage: true, """
            {"spec":{"type":"object","properties":{"ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
             "items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"}}}}}}}
            """));

        ApiAnswer applied = await server.SendAsync("PATCH", $"/apis/{group}/v1/things/t?fieldManager=m", $$$"""
            {"apiVersion":"{{{group}}}/v1","kind":"Thing","metadata":{"name":"t"},"spec":{"ports":[{"port":80}]}}
            """, Apply);

        Assert.Equal(201, applied.Code);
        Assert.Equal(
            """{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}}}}""",
            applied.Json["metadata"]!["managedFields"]![0]!["fieldsV1"]!.ToJsonString(
                new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task Post_ScaleFieldsOfOtherTypes_AreNamed()
    {
        string group = await DefineAsync(Version(
            "v1", storage: true,
            """{"spec":{"x-kubernetes-preserve-unknown-fields":true},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}""",
            """{"scale":{"specReplicasPath":".spec.deep.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}}"""));

        ApiAnswer answer = await PostAsync(
            $"/apis/{group}/v1/things", """{"metadata":{"name":"t"},"spec":{"deep":"text"},"status":{"replicas":null,"selector":1}}""");

        Assert.Equal(
            $"Thing.{group} \"t\" is invalid: [.spec.deep.replicas: Invalid value: 0: .spec.deep.replicas accessor error: text is of the type string, expected map[string]interface{{}}, " +
            ".status.replicas: Invalid value: 0: .status.replicas accessor error: <nil> is of the type <nil>, expected int64, " +
            ".status.selector: Invalid value: \"\": .status.selector accessor error: 1 is of the type int64, expected string]",
            answer.Message);
    }

    [Theory]
    [InlineData(
        """{"metadata":{"name":"t"}}""", 400,
        "Thing in version \"v1\" cannot be handled as a Thing: Object 'Kind' is missing in '{\"metadata\":{\"name\":\"t\"}}'")]
    [InlineData(
        """{"kind":"Thing","metadata":{"name":"t"}}""", 400,
        "the API version in the data () does not match the expected API version (GROUP/v1)")]
    [InlineData(
        """{"apiVersion":"GROUP/v1","kind":"Other","metadata":{"name":"t"}}""", 422,
        "Other.GROUP \"t\" is invalid: kind: Invalid value: \"Other\": must be Thing")]
    public async Task Post_BodyOfAnotherKind_IsRefused(string body, int code, string message)
    {
        string group = await DefineAsync(Version("v1", storage: true, "{}"));

        ApiAnswer answer = await server.SendAsync(
            "POST", $"/apis/{group}/v1/things", body.Replace("GROUP", group, StringComparison.Ordinal));

        Assert.Equal((code, message.Replace("GROUP", group, StringComparison.Ordinal)), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Delete_DefinitionOfHeldObjects_LetsThemBeChangedButNotMade()
    {
        string group = await DefineAsync(Version("v1", storage: true, "{}"));
        string definition = $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{group}", things = $"/apis/{group}/v1/things";
        await PostAsync(things, """{"metadata":{"name":"t","finalizers":["example.com/hold"]}}""");
        await server.SendAsync("DELETE", definition);
        string refusal = $"things.{group} \"u\" is forbidden: create not allowed while custom resource definition is terminating";
        await Until.TrueAsync(
            async () => (await PostAsync(things, """{"metadata":{"name":"u"}}""")).Message == refusal, "nothing new is taken");

        ApiAnswer released = await server.SendAsync("PATCH", things + "/t", """{"metadata":{"finalizers":null}}""", Merge);

        Assert.Equal(200, released.Code);
        await Until.TrueAsync(async () => (await server.SendAsync("GET", definition)).Code == 404, "the definition is gone");
    }

    [Fact]
    public async Task Send_ToSubresources_AnswersInTheWordsOfCustomResources()
    {
        string group = await DefineAsync(
            Version("v1", storage: true, """{"spec":{"type":"object","properties":{"n":{"type":"integer"}}}}""",
                """{"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}}"""));
        string things = $"/apis/{group}/v1/things";
        await PostAsync(things, """{"metadata":{"name":"t"},"spec":{"n":2}}""");

        Assert.Equal($"things.{group} \"t\" not found", (await server.SendAsync("GET", things + "/t/status")).Message);
        ApiAnswer refused = await server.SendAsync("POST", things + "/t/scale", "{}");
        Assert.Equal((405, $"create is not supported on resources of kind \"things.{group}\""), (refused.Code, refused.Message));
        JsonNode table = (await server.SendAsync("GET", things + "/t/scale", accept: "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(["Name", "Desired", "Available", "Age"], table["columnDefinitions"]!.AsArray().Select(c => (string?)c!["name"]));
        Assert.Equal("""["t",2,0""", table["rows"]![0]!["cells"]!.ToJsonString()[..8]);
    }

    private static JsonObject Version(string name, bool storage, string properties, string subresources = "{}") => new()
    {
        ["name"] = name,
        ["served"] = true,
        ["storage"] = storage,
        ["subresources"] = JsonNode.Parse(subresources),
        ["schema"] =
            new JsonObject { ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["properties"] = JsonNode.Parse(properties) } },
    };

    /// <summary>Makes an object of what is said of it.</summary>
    private Task<ApiAnswer> PostAsync(string path, string body, string query = "")
    {
        JsonNode obj = JsonNode.Parse(body)!;
        obj["apiVersion"] = string.Join('/', path.Split('/')[2..4]);
        obj["kind"] = "Thing";
        return server.SendAsync("POST", path + query, obj.ToJsonString());
    }

    /// <summary>Defines things in a group of their own.</summary>
    private async Task<string> DefineAsync(params JsonNode[] versions)
    {
        string group = $"g{Interlocked.Increment(ref s_groups)}.things.example.com",
            path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        ApiAnswer made = await server.SendAsync("POST", path, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "things." + group },
            ["spec"] = new JsonObject
            {
                ["group"] = group,
                ["scope"] = "Cluster",
                ["names"] = new JsonObject { ["plural"] = "things", ["kind"] = "Thing" },
                ["versions"] = new JsonArray(versions),
            },
        }.ToJsonString());
        Assert.Equal((201, ""), (made.Code, made.Message));
        await Until.TrueAsync(
            async () => (await server.SendAsync("GET", $"/apis/{group}/{versions[0]["name"]}/things")).Code == 200,
            "the definition is served");
        return group;
    }
}
