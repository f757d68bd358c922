using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Bootstrap;

/// <summary>The APIServices that Kubernetes keeps of what it serves itself.</summary>
public sealed class ApiServiceRegistrationTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Services = "/apis/apiregistration.k8s.io/v1/apiservices";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Label = "kube-aggregator.kubernetes.io/automanaged";

    private static readonly string[] s_builtIn =
    [
        "v1.", "v1.admissionregistration.k8s.io", "v1.apiextensions.k8s.io",
        "v1.apps", "v1.authentication.k8s.io", "v1.authorization.k8s.io",
        "v1.autoscaling", "v1.batch", "v1.certificates.k8s.io", "v1.coordination.k8s.io", "v1.discovery.k8s.io", "v1.events.k8s.io",
        "v1.flowcontrol.apiserver.k8s.io", "v1.networking.k8s.io", "v1.node.k8s.io", "v1.policy", "v1.rbac.authorization.k8s.io",
        "v1.resource.k8s.io", "v1.scheduling.k8s.io", "v1.storage.k8s.io", "v2.autoscaling",
    ];

    [Fact]
    public async Task Start_OfAnEmptyStore_RegistersEveryBuiltInVersion()
    {
        foreach (string name in s_builtIn)
        {
            await ExistsAsync(name);
        }

        JsonNode items = (await server.SendAsync("GET", $"{Services}?labelSelector={Label}=onstart")).Json["items"]!;
        Assert.Equal(s_builtIn, items.AsArray().Select(i => (string)i!["metadata"]!["name"]!).Order(StringComparer.Ordinal));
        JsonNode core = (await server.SendAsync("GET", Services + "/v1.")).Json;
        Assert.Equal("""{"version":"v1","groupPriorityMinimum":18000,"versionPriority":1}""", core["spec"]!.ToJsonString());
        Assert.Equal(("Available", "True", "Local"), Condition(core));
    }

    [Fact]
    public async Task List_AsTable_ShowsWhatIsServedHereAsLocal()
    {
        await ExistsAsync("v1.apps");
        JsonNode table =
            (await server.SendAsync("GET", Services + "/v1.apps", accept: "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(["v1.apps", "Local", "True"], table["rows"]![0]!["cells"]!.AsArray().Take(3).Select(c => (string)c!));
    }

    [Fact]
    public async Task Define_CustomResource_IsRegisteredAndComesBackUntilItIsGone()
    {
        await ExistsAsync("v1.apps");
        Assert.Equal(201, (await server.SendAsync("POST", Definitions, Definition("things", "a.example.com"))).Code);
        await ExistsAsync("v2.a.example.com");
        JsonNode service = (await server.SendAsync("GET", Services + "/v2.a.example.com")).Json;
        Assert.Equal("true", (string?)service["metadata"]!["labels"]![Label]);
        Assert.Equal(
            """{"group":"a.example.com","version":"v2","groupPriorityMinimum":1000,"versionPriority":100}""",
            service["spec"]!.ToJsonString());

        await server.SendAsync("DELETE", Services + "/v2.a.example.com");
        string uid = (string)service["metadata"]!["uid"]!;
        await Until.TrueAsync(
            async () => await server.SendAsync("GET", Services + "/v2.a.example.com") is { Code: 200 } now
                && (string?)now.Json["metadata"]!["uid"] != uid,
            "the APIService came back");

        await server.SendAsync("DELETE", Definitions + "/things.a.example.com");
        await Until.TrueAsync(
            async () => (await server.SendAsync("GET", Services + "/v2.a.example.com")).Code == 404,
            "the APIService went with its definition");
    }

    [Fact]
    public async Task Define_CustomResource_LeavesAServiceOfSomebodyElse()
    {
        await ExistsAsync("v1.apps");
        ApiAnswer foreign = await server.SendAsync(
            "POST", Services,
            """{"metadata":{"name":"v2.b.example.com"},"spec":{"group":"b.example.com","version":"v2","groupPriorityMinimum":7,"versionPriority":7}}""");
        Assert.Equal(201, foreign.Code);
        await server.SendAsync("POST", Definitions, Definition("things", "b.example.com"));
        await server.SendAsync("POST", Definitions, Definition("things", "c.example.com"));
        await ExistsAsync("v2.c.example.com");
        Assert.Equal(7, (int)(await server.SendAsync("GET", Services + "/v2.b.example.com")).Json["spec"]!["versionPriority"]!);
    }

    [Fact]
    public async Task Change_OfAKeptService_IsUndone()
    {
        await server.SendAsync("POST", Definitions, Definition("things", "d.example.com"));
        await ExistsAsync("v2.d.example.com");
        await server.SendAsync(
            "PATCH", Services + "/v2.d.example.com", """{"spec":{"versionPriority":3}}""", "application/merge-patch+json");
        await Until.TrueAsync(
            async () => (int)(await server.SendAsync("GET", Services + "/v2.d.example.com")).Json["spec"]!["versionPriority"]! == 100,
            "the priority was put back");
    }

    private static (string?, string?, string?) Condition(JsonNode service)
    {
        JsonNode condition = service["status"]!["conditions"]![0]!;
        return ((string?)condition["type"], (string?)condition["status"], (string?)condition["reason"]);
    }

    private static string Definition(string plural, string group) => $$$"""
        {"metadata":{"name":"{{{plural}}}.{{{group}}}"},"spec":{"group":"{{{group}}}","scope":"Cluster","names":{"plural":"{{{plural}}}","kind":"Thing"},
         "versions":[{"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"} } }] } }
        """;

    private async Task ExistsAsync(string name) =>
        await Until.TrueAsync(async () => (await server.SendAsync("GET", $"{Services}/{name}")).Code == 200, $"APIService {name} is there");
}
