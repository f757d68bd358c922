using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Subresources;

/// <summary>Scales as objects of their own: every patch, validation, and who then owns the replicas.</summary>
public sealed class ScaleTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Apply = "application/apply-patch+yaml";

    [Theory]
    [InlineData("application/merge-patch+json", """{"spec":{"replicas":3}}""")]
    [InlineData("application/strategic-merge-patch+json", """{"spec":{"replicas":3}}""")]
    [InlineData("application/json-patch+json", """[{"op":"replace","path":"/spec/replicas","value":3}]""")]
    [InlineData(Apply, """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"x"},"spec":{"replicas":3}}""")]
    public async Task Patch_EveryForm_Scales(string type, string patch)
    {
        string deployment = await DeploymentAsync();

        ApiAnswer answer = await server.SendAsync("PATCH", deployment + "/scale?fieldManager=one&force=true", patch, type);
        if (type != Apply)
        {
            Assert.Equal(422, answer.Code);
            answer = await server.SendAsync("PATCH", deployment + "/scale?fieldManager=one", patch, type);
        }

        Assert.Equal(200, answer.Code);
        Assert.Equal(3, (int)answer.Json["spec"]!["replicas"]!);
        JsonNode stored = (await server.SendAsync("GET", deployment)).Json;
        Assert.Equal(3, (int)stored["spec"]!["replicas"]!);
        JsonNode entry = stored["metadata"]!["managedFields"]!.AsArray().Single(e => (string?)e!["subresource"] == "scale")!;
        Assert.Equal(type == Apply ? "Apply" : "Update", (string)entry["operation"]!);
        Assert.Equal("apps/v1", (string)entry["apiVersion"]!);
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", entry["fieldsV1"]!.ToJsonString());
        Assert.Single(
            stored["metadata"]!["managedFields"]!.AsArray(),
            e => e!["fieldsV1"]!.ToJsonString().Contains("f:replicas", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "PUT", "application/json",
        """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"x"},"spec":{"replicas":"x"}}""", 400,
        "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32")]
    [InlineData("PUT", "application/json", """{"apiVersion":"autoscaling/v1","kind":"Scale","spec":{"replicas":1}}""", 400,
        "the name of the object (x based on URL) was undeterminable: name must be provided")]
    [InlineData(
        "PUT", "application/json", """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"y"},"spec":{"replicas":1}}""", 400,
        "the name of the object (y) does not match the name on the URL (x)")]
    [InlineData(
        "PUT", "application/json",
        """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"x","uid":"u","resourceVersion":""},"spec":{"replicas":1}}""",
        409, null)]
    [InlineData(
        "PATCH", Apply, """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":3}}""", 400,
        "invalid object type: apps/v1, Kind=Deployment")]
    [InlineData("PATCH", "text/plain", "{}", 415, "415: Unsupported Media Type")]
    public async Task Write_Wrong_IsRefused(string method, string type, string body, int code, string? message)
    {
        string deployment = await DeploymentAsync();

        ApiAnswer answer = await server.SendAsync(method, deployment + "/scale" + (type == Apply ? "?fieldManager=one" : ""), body, type);

        Assert.Equal(code, answer.Code);
        if (message is not null)
        {
            Assert.Equal(message, answer.Message);
        }
    }

    [Fact]
    public async Task Apply_ReplicasOfAnother_Conflicts()
    {
        string deployment = await DeploymentAsync();

        ApiAnswer answer = await server.SendAsync(
            "PATCH", deployment + "/scale?fieldManager=one",
            """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"x"},"spec":{"replicas":3}}""", Apply);

        Assert.Equal(409, answer.Code);
        Assert.StartsWith("Apply failed with 1 conflict: conflict with \"maker\" using autoscaling/v1: .spec.replicas", answer.Message);
    }

    private async Task<string> DeploymentAsync()
    {
        string path = $"/apis/apps/v1/namespaces/{await server.NewNamespaceAsync()}/deployments";
        ApiAnswer made = await server.SendAsync("POST", path + "?fieldManager=maker",
            """{"metadata":{"name":"x"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");
        Assert.True(made.Code == 201, made.Text);
        return path + "/x";
    }
}
