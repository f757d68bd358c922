using KubeLite.ApiServer.Tests.Serving;
using KubeLite.ApiServer.Tests.Streaming;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

public sealed class FieldSelectorTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData("spec.nodeName=n1", "on-n1")]
    [InlineData("spec.nodeName!=n1", "nowhere")]
    [InlineData("spec.nodeName=", "nowhere")]
    [InlineData("spec.restartPolicy=Always", "nowhere,on-n1")]
    [InlineData("spec.schedulerName=default-scheduler,metadata.name=on-n1", "on-n1")]
    [InlineData("spec.serviceAccountName=default,spec.nodeName==n1", "on-n1")]
    [InlineData("spec.hostNetwork=false", "nowhere,on-n1")]
    [InlineData("spec.hostNetwork=true", "")]
    [InlineData("status.phase=Pending", "nowhere,on-n1")]
    [InlineData("status.podIP=10.0.0.9", "on-n1")]
    [InlineData("status.nominatedNodeName=", "nowhere,on-n1")]
    [InlineData("metadata.namespace!=default,metadata.name!=nowhere", "on-n1")]
    public async Task List_PodField_SelectsByIt(string selector, string names)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.AddPodAsync(server, ns, "on-n1", "n1", "c");
        await StreamCluster.AddPodAsync(server, ns, "nowhere", "", "c");
        await server.SendAsync(
            "PATCH", $"/api/v1/namespaces/{ns}/pods/on-n1/status", """{"status":{"podIP":"10.0.0.9","podIPs":[{"ip":"10.0.0.9"}]}}""",
            "application/merge-patch+json");

        Assert.Equal(names, await NamesAsync($"/api/v1/namespaces/{ns}/pods", selector));
    }

    [Fact]
    public async Task List_PodsOfANode_ArePagedInOrderOfKey()
    {
        string first = await server.NewNamespaceAsync(), second = await server.NewNamespaceAsync();
        foreach ((string ns, string name, string node) in new[]
        {
            (second, "a", "paged"), (first, "b", "paged"), (first, "a", "other"), (first, "c", "paged"),
        })
        {
            await StreamCluster.AddPodAsync(server, ns, name, node, "c");
        }

        const string Path = "/api/v1/pods?fieldSelector=spec.nodeName%3Dpaged&limit=2";
        ApiAnswer page = await server.SendAsync("GET", Path);
        ApiAnswer rest = await server.SendAsync(
            "GET", $"{Path}&continue={Uri.EscapeDataString((string)page.Json["metadata"]!["continue"]!)}");

        string[] expected = [.. new[] { $"{first}/b", $"{first}/c", $"{second}/a" }.Order(StringComparer.Ordinal)];
        Assert.Equal(expected, Keys(page).Concat(Keys(rest)));
        Assert.Equal(2, Keys(page).Count());
        Assert.Null(rest.Json["metadata"]!["continue"]);
    }

    [Theory]
    [InlineData("spec.unschedulable=false", "open")]
    [InlineData("spec.unschedulable=true", "closed")]
    [InlineData("spec.unschedulable!=true", "open")]
    public async Task List_Nodes_CountTheAbsentFieldAsFalse(string selector, string names)
    {
        await server.SendAsync("POST", "/api/v1/nodes", """{"metadata":{"name":"open","labels":{"t":"1"}}}""");
        await server.SendAsync(
            "POST", "/api/v1/nodes", """{"metadata":{"name":"closed","labels":{"t":"1"}},"spec":{"unschedulable":true}}""");

        Assert.Equal(names, await NamesAsync("/api/v1/nodes", selector, "&labelSelector=t"));
    }

    [Theory]
    [InlineData("status.successful=0", "fresh")]
    [InlineData("status.successful=1", "")]
    [InlineData("status.successful!=1", "fresh")]
    public async Task List_Jobs_SelectBySuccesses(string selector, string names)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.CreateAsync(server, $"/apis/batch/v1/namespaces/{ns}/jobs",
            """{"metadata":{"name":"fresh"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""");

        Assert.Equal(names, await NamesAsync($"/apis/batch/v1/namespaces/{ns}/jobs", selector));
    }

    [Theory]
    [InlineData("/api/v1", "involvedObject.name=p1", "one")]
    [InlineData("/api/v1", "involvedObject.kind=Pod,reason=Started", "one")]
    [InlineData("/api/v1", "source=kubelet", "one")]
    [InlineData("/api/v1", "source=scheduler", "two")]
    [InlineData("/api/v1", "reportingComponent=scheduler,type=Normal", "two")]
    [InlineData("/apis/events.k8s.io/v1", "regarding.name=p1", "one")]
    [InlineData("/apis/events.k8s.io/v1", "regarding.kind=Pod,reportingController=scheduler", "two")]
    [InlineData("/apis/events.k8s.io/v1", "reason=Started,type=Normal", "one")]
    public async Task List_Events_SelectInBothVersions(string group, string selector, string names)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.CreateAsync(server, $"/api/v1/namespaces/{ns}/events",
            "{\"metadata\":{\"name\":\"one\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p1\",\"namespace\":\"" + ns +
                "\"},\"reason\":\"Started\",\"type\":\"Normal\",\"source\":{\"component\":\"kubelet\"}}");
        await StreamCluster.CreateAsync(server, $"/api/v1/namespaces/{ns}/events",
            "{\"metadata\":{\"name\":\"two\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"p2\",\"namespace\":\"" + ns +
                "\"},\"reason\":\"Scheduled\",\"type\":\"Normal\",\"eventTime\":\"2024-01-01T00:00:00.000000Z\",\"action\":\"a\",\"reportingComponent\":\"scheduler\",\"reportingInstance\":\"s-1\"}");

        Assert.Equal(names, await NamesAsync($"{group}/namespaces/{ns}/events", selector));
    }

    [Theory]
    [InlineData("/api/v1/pods", "spec.containers", "field label not supported: spec.containers")]
    [InlineData("/api/v1/nodes", "status.phase", "field label not supported: status.phase")]
    [InlineData("/api/v1/secrets", "data", "field label not supported: data")]
    [InlineData("/api/v1/events", "regarding.name", "field label not supported: regarding.name")]
    [InlineData("/apis/events.k8s.io/v1/events", "involvedObject.name", "field label not supported: involvedObject.name")]
    [InlineData("/apis/batch/v1/jobs", "status.succeeded", "field label not supported: status.succeeded")]
    [InlineData("/api/v1/configmaps", "data", "\"data\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData(
        "/apis/apps/v1/deployments", "spec.replicas",
        "\"spec.replicas\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    public async Task List_FieldThatIsNotSelectable_Is400(string path, string field, string message)
    {
        ApiAnswer list = await server.SendAsync("GET", $"{path}?fieldSelector={field}%3Dx");
        ApiAnswer watch = await server.SendAsync("GET", $"{path}?watch=1&fieldSelector={field}%3Dx");

        Assert.Equal((400, message), (list.Code, list.Message));
        Assert.Equal((400, message), (watch.Code, watch.Message));
    }

    [Theory]
    [InlineData("/api/v1/namespaces", "status.phase=Terminating")]
    [InlineData("/api/v1/secrets", "type=Opaque")]
    [InlineData("/api/v1/services", "spec.type=LoadBalancer,spec.clusterIP=10.96.0.77")]
    [InlineData("/apis/apps/v1/replicasets", "status.replicas=3")]
    [InlineData("/api/v1/replicationcontrollers", "status.replicas=3")]
    [InlineData("/apis/certificates.k8s.io/v1/certificatesigningrequests", "spec.signerName=a/b")]
    [InlineData("/apis/resource.k8s.io/v1/resourceslices", "spec.nodeName=n,spec.driver=d")]
    public async Task List_FieldOfAKind_IsTaken(string path, string selector) => Assert.Equal("", await NamesAsync(path, selector));

    [Fact]
    public async Task List_CustomResource_SelectsByTheFieldsItDeclares()
    {
        string ns = await server.NewNamespaceAsync(), group = $"{ns}.example.com";
        await StreamCluster.CreateAsync(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "{\"metadata\":{\"name\":\"shapes." + group + "\"},\"spec\":{\"group\":\"" + group +
                "\",\"scope\":\"Namespaced\",\"names\":{\"plural\":\"shapes\",\"kind\":\"Shape\"},\"versions\":[{\"name\":\"v1\",\"served\":true,\"storage\":true," +
            "\"selectableFields\":[{\"jsonPath\":\".spec.color\"}],\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":{\"type\":\"object\",\"properties\":{\"color\":{\"type\":\"string\"}}}}}}}]}}");
        string path = $"/apis/{group}/v1/namespaces/{ns}/shapes";
        await Until.TrueAsync(async () => (await server.SendAsync("GET", path)).Code == 200, "the resource is served");
        await StreamCluster.CreateAsync(
            server, path,
            "{\"apiVersion\":\"" + group + "/v1\",\"kind\":\"Shape\",\"metadata\":{\"name\":\"r\"},\"spec\":{\"color\":\"red\"}}");
        await StreamCluster.CreateAsync(
            server, path,
            "{\"apiVersion\":\"" + group + "/v1\",\"kind\":\"Shape\",\"metadata\":{\"name\":\"b\"},\"spec\":{\"color\":\"blue\"}}");

        Assert.Equal("r", await NamesAsync(path, "spec.color=red"));
        Assert.Equal(
            "field label not supported: spec.size", (await server.SendAsync("GET", $"{path}?fieldSelector=spec.size%3D1")).Message);
    }

    private static IEnumerable<string> Keys(ApiAnswer list) =>
        list.Json["items"]!.AsArray().Select(i => $"{(string?)i!["metadata"]!["namespace"]}/{(string?)i["metadata"]!["name"]}");

    private async Task<string> NamesAsync(string path, string selector, string more = "")
    {
        ApiAnswer list = await server.SendAsync("GET", $"{path}?fieldSelector={Uri.EscapeDataString(selector)}{more}");
        Assert.True(list.Code == 200, list.Text);
        return string.Join(',', list.Json["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
    }
}
