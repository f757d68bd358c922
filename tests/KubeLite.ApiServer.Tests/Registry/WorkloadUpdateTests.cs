using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

/// <summary>The causes of refused updates of workloads, complete and in order.</summary>
public sealed class WorkloadUpdateTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}""";

    [Theory]
    [InlineData(
        "apps/v1", "replicasets", "", "spec.template.spec.containers[0].imagePullPolicy spec.template.metadata.labels spec.selector")]
    [InlineData(
        "apps/v1", "daemonsets", "", "spec.selector spec.template.spec.containers[0].imagePullPolicy spec.template.metadata.labels")]
    [InlineData(
        "apps/v1", "deployments", "", "spec.template.spec.containers[0].imagePullPolicy spec.template.metadata.labels spec.selector")]
    [InlineData(
        "apps/v1", "statefulsets", ",\"serviceName\":\"s\"",
        "spec.template.spec.containers[0].imagePullPolicy spec.template.metadata.labels spec")]
    public async Task Put_SelectorAndPolicy_EachFaultIsOneCause(string version, string resource, string more, string fields)
    {
        string ns = await server.NewNamespaceAsync(), path = $"/apis/{version}/namespaces/{ns}/{resource}";
        JsonNode obj = await MakeAsync(path, "{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":" + Template + more + "}");
        obj["spec"]!["selector"] = JsonNode.Parse("""{"matchLabels":{"a":"c"}}""");
        obj["spec"]!["template"]!["spec"]!["containers"]![0]!["imagePullPolicy"] = "Sometimes";

        ApiAnswer answer = await server.SendAsync("PUT", path + "/x", obj.ToJsonString());

        Assert.Equal(422, answer.Code);
        List<string?> causes = [.. answer.Json["details"]!["causes"]!.AsArray().Select(c => (string?)c!["field"])];
        Assert.Equal(fields.Split(' ').Order(), causes.Order());
        Assert.Equal(
            fields.Split(' ')[0] == "spec.selector" ? 0 : causes.Count - 1,
            causes.IndexOf(fields.Contains("spec.selector") ? "spec.selector" : "spec"));
    }

    [Fact]
    public async Task Put_ReplicationController_EachFaultIsOneCause()
    {
        string ns = await server.NewNamespaceAsync(), path = $"/api/v1/namespaces/{ns}/replicationcontrollers";
        JsonNode obj = await MakeAsync(path, "{\"selector\":{\"a\":\"b\"},\"template\":" + Template + "}");
        obj["spec"]!["replicas"] = -1;

        ApiAnswer answer = await server.SendAsync("PUT", path + "/x", obj.ToJsonString());

        Assert.Equal("spec.replicas", (string?)Assert.Single(answer.Json["details"]!["causes"]!.AsArray())!["field"]);
    }

    [Fact]
    public async Task Post_StatefulSetThatKeepsAllRevisions_IsWarnedOfAndTaken()
    {
        string ns = await server.NewNamespaceAsync();

        ApiAnswer answer = await server.SendAsync("POST", $"/apis/apps/v1/namespaces/{ns}/statefulsets",
            "{\"metadata\":{\"name\":\"x\"},\"spec\":{\"revisionHistoryLimit\":-1,\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":" +
                Template + "}}");

        Assert.Equal(201, answer.Code);
        Assert.Contains("a negative value retains all historical revisions", answer.Headers["Warning"]);
    }

    private async Task<JsonNode> MakeAsync(string path, string spec)
    {
        ApiAnswer made = await server.SendAsync("POST", path, $$"""{"metadata":{"name":"x"},"spec":{{spec}}}""");
        Assert.Equal(201, made.Code);
        return made.Json;
    }
}
