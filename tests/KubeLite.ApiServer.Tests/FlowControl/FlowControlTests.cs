using System.Globalization;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.ApiServer.Tests.Streaming;
using Xunit;

namespace KubeLite.ApiServer.Tests.FlowControl;

public sealed class FlowControlTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Api = "/apis/flowcontrol.apiserver.k8s.io/v1";

    [Fact]
    public async Task Get_AnyRequest_NamesItsSchemaAndLevel()
    {
        await using ApiServerFixture server = await StartAsync();
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);

        ApiAnswer admin = await server.SendAsync("GET", ConfigMaps);
        ApiAnswer user = await ApiServerFixture.SendAsync(jane, "GET", ConfigMaps, null, "", "*/*");
        ApiAnswer probe = await ApiServerFixture.SendAsync(jane, "GET", "/healthz", null, "", "*/*");

        Assert.Equal(await UidAsync(server, "flowschemas/exempt"), admin.Headers["X-Kubernetes-PF-FlowSchema-UID"]);
        Assert.Equal(await UidAsync(server, "prioritylevelconfigurations/exempt"), admin.Headers["X-Kubernetes-PF-PriorityLevel-UID"]);
        Assert.Equal(await UidAsync(server, "flowschemas/global-default"), user.Headers["X-Kubernetes-PF-FlowSchema-UID"]);
        Assert.Equal(
            await UidAsync(server, "prioritylevelconfigurations/global-default"), user.Headers["X-Kubernetes-PF-PriorityLevel-UID"]);
        Assert.Equal(await UidAsync(server, "flowschemas/probes"), probe.Headers["X-Kubernetes-PF-FlowSchema-UID"]);
    }

    [Fact]
    public async Task Post_LevelThatRejectsIsFull_Is429UntilASeatIsFree()
    {
        await using ApiServerFixture server = await StartAsync();
        await AddLevelAsync(server, """{"type":"Reject"}""");
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        var stalled = new StalledContent(ApiServerFixture.Named("first"));
        Task<HttpResponseMessage> first = jane.PostAsync(ConfigMaps, stalled);
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 1), "the first request has the seat");

        ApiAnswer refused = await PostAsync(jane, "refused");
        ApiAnswer other = await server.SendAsync("POST", ConfigMaps, ApiServerFixture.Named("of-another-level"));
        stalled.Release();
        using HttpResponseMessage done = await first;

        Assert.Equal(429, refused.Code);
        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.Equal("Too many requests, please try again later.\n", refused.Text);
        Assert.Equal(await UidAsync(server, "flowschemas/tiny"), refused.Headers["X-Kubernetes-PF-FlowSchema-UID"]);
        Assert.Equal(201, other.Code);
        Assert.Equal(201, (int)done.StatusCode);
        // Counted before others try: the seat may be given back a moment after the answer has come.
        Assert.True(await StandsAsync(server, "rejected_requests_total", 1));
        await Until.TrueAsync(async () => (await PostAsync(jane, "second")).Code is 201 or 409, "the seat is free");
    }

    [Fact]
    public async Task Post_LevelThatQueuesIsFull_WaitsItsTurnWithinTheLength()
    {
        await using ApiServerFixture server = await StartAsync();
        await AddLevelAsync(server, """{"type":"Queue","queuing":{"queues":1,"handSize":1,"queueLengthLimit":1}}""");
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        var stalled = new StalledContent(ApiServerFixture.Named("first"));
        Task<HttpResponseMessage> first = jane.PostAsync(ConfigMaps, stalled);
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 1), "the first request has the seat");
        Task<ApiAnswer> waits = PostAsync(jane, "second");
        await Until.TrueAsync(() => StandsAsync(server, "current_inqueue_requests", 1), "the second request waits");

        ApiAnswer refused = await PostAsync(jane, "third");
        bool waited = !waits.IsCompleted;
        stalled.Release();

        Assert.Equal(429, refused.Code);
        Assert.True(waited);
        Assert.Equal(201, (int)(await first).StatusCode);
        Assert.Equal(201, (await waits).Code);
    }

    [Fact]
    public async Task Post_OneFlowHasManyRequests_AnotherIsNotBehindThemAll()
    {
        const int Many = 12;
        await using ApiServerFixture server = await StartAsync();
        await AddLevelAsync(server, """{"type":"Queue","queuing":{"queues":64,"handSize":4,"queueLengthLimit":50}}""");
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken), john = server.NewClient(ApiServerFixture.AdminToken);
        john.DefaultRequestHeaders.Add("Impersonate-User", "john");
        var stalled = new StalledContent(ApiServerFixture.Named("first"));
        Task<HttpResponseMessage> first = jane.PostAsync(ConfigMaps, stalled);
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 1), "the first request has the seat");
        Task<ApiAnswer>[] elephants = [.. Enumerable.Range(0, Many).Select(i => PostAsync(jane, $"elephant-{i}"))];
        await Until.TrueAsync(() => StandsAsync(server, "current_inqueue_requests", Many), "the many wait");
        Task<ApiAnswer> mouse = PostAsync(john, "mouse");
        await Until.TrueAsync(() => StandsAsync(server, "current_inqueue_requests", Many + 1), "the one waits");

        stalled.Release();
        await first;
        long last = (await Task.WhenAll(elephants)).Max(Revision);

        Assert.True(Revision(await mouse) < last);
    }

    [Fact]
    public async Task Watch_LevelIsFull_IsTurnedAwayAndOnceItHasBegunTakesNoSeat()
    {
        await using ApiServerFixture server = await StartAsync();
        await AddLevelAsync(server, """{"type":"Reject"}""");
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        var stalled = new StalledContent(ApiServerFixture.Named("first"));
        Task<HttpResponseMessage> first = jane.PostAsync(ConfigMaps, stalled);
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 1), "the first request has the seat");

        using HttpResponseMessage refused = await jane.GetAsync(ConfigMaps + "?watch=1", HttpCompletionOption.ResponseHeadersRead);
        stalled.Release();
        using HttpResponseMessage done = await first;
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 0), "the seat is free");
        using HttpResponseMessage watch = await jane.GetAsync(ConfigMaps + "?watch=1", HttpCompletionOption.ResponseHeadersRead);
        await Until.TrueAsync(() => StandsAsync(server, "current_executing_seats", 0), "the watch has begun");
        ApiAnswer beside = await PostAsync(jane, "beside-the-watch");

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal(200, (int)watch.StatusCode);
        Assert.Equal(201, beside.Code);
    }

    [Fact]
    public async Task FlowSchema_StatusTellsWhetherItsLevelExists()
    {
        await using ApiServerFixture server = await StartAsync();
        await StreamCluster.CreateAsync(
            server, $"{Api}/flowschemas",
            """{"metadata":{"name":"lost"},"spec":{"priorityLevelConfiguration":{"name":"tiny"},"matchingPrecedence":60}}""");

        await Until.TrueAsync(async () => await DanglingAsync() is { Status: "True" }, "the level is missed");
        (string status, string reason, string message) missed = (await DanglingAsync())!.Value;
        await AddLevelAsync(server, """{"type":"Reject"}""");
        await Until.TrueAsync(async () => await DanglingAsync() is { Status: "False" }, "the level is found");
        (string status, string reason, string message) found = (await DanglingAsync())!.Value;
        await server.SendAsync("DELETE", $"{Api}/prioritylevelconfigurations/tiny");
        await Until.TrueAsync(async () => await DanglingAsync() is { Status: "True" }, "the level is missed again");

        Assert.Equal(
            ("NotFound", "This FlowSchema references the PriorityLevelConfiguration object named \"tiny\" but there is no such object"),
            (missed.reason, missed.message));
        Assert.Equal(
            ("Found", "This FlowSchema references the PriorityLevelConfiguration object named \"tiny\" and it exists"),
            (found.reason, found.message));
        JsonNode fields = (await server.SendAsync("GET", $"{Api}/flowschemas/lost")).Json["metadata"]!["managedFields"]!.AsArray()
            .Single(f => (string?)f!["subresource"] == "status")!;
        Assert.Equal(("api-priority-and-fairness-config-consumer-v1", "Apply"), ((string)fields["manager"]!, (string)fields["operation"]!));

        async Task<(string Status, string Reason, string Message)?> DanglingAsync()
        {
            JsonNode? condition =
                (await server.SendAsync("GET", $"{Api}/flowschemas/lost")).Json["status"]?["conditions"]?.AsArray().Single();
            return condition is null ? null : ((string)condition["status"]!, (string)condition["reason"]!, (string)condition["message"]!);
        }
    }

    private static Task<ApiServerFixture> StartAsync() => ApiServerFixture.StartAsync(
        o => o with { MaxRequestsInFlight = 5, MaxMutatingRequestsInFlight = 5, AuthorizationModes = ["AlwaysAllow"] });

    /// <summary>A level with one seat, and a schema that puts the ConfigMaps of ordinary users there.</summary>
    private static async Task AddLevelAsync(ApiServerFixture server, string response)
    {
        await StreamCluster.CreateAsync(
            server, $"{Api}/prioritylevelconfigurations",
            "{\"metadata\":{\"name\":\"tiny\"},\"spec\":{\"type\":\"Limited\",\"limited\":{\"nominalConcurrencyShares\":1,\"borrowingLimitPercent\":0," +
                "\"limitResponse\":" + response + "}}}");
        await StreamCluster.CreateAsync(server, $"{Api}/flowschemas", """
            {"metadata":{"name":"tiny"},"spec":{"priorityLevelConfiguration":{"name":"tiny"},"matchingPrecedence":50,"distinguisherMethod":{"type":"ByUser"},"rules":[{
              "subjects":[{"kind":"User","user":{"name":"jane"}},{"kind":"User","user":{"name":"john"}}],
              "resourceRules":[{"verbs":["create","watch"],"apiGroups":[""],"resources":["configmaps"],"namespaces":["*"]}]}]}}
            """);
    }

    private static async Task<bool> StandsAsync(ApiServerFixture server, string metric, int value)
    {
        // A request is what makes the server read schemas and levels again.
        string text = (await server.SendAsync("GET", "/metrics", accept: "*/*")).Text;
        return text.Contains(
            string.Create(
                CultureInfo.InvariantCulture,
                $"apiserver_flowcontrol_{metric}{{priority_level=\"tiny\"}} {value}\n"), StringComparison.Ordinal);
    }

    private static async Task<string> UidAsync(ApiServerFixture server, string path) =>
        (string)(await server.SendAsync("GET", $"{Api}/{path}")).Json["metadata"]!["uid"]!;

    private static long Revision(ApiAnswer answer) =>
        long.Parse((string)answer.Json["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture);

    private static Task<ApiAnswer> PostAsync(HttpClient client, string name) =>
        ApiServerFixture.CreateNamedAsync(client, ConfigMaps, name);
}
