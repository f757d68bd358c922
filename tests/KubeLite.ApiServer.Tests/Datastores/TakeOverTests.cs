using System.Net;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.Storage;
using KubeLite.Storage.Etcd;
using KubeLite.Storage.Tests.Etcd;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ApiServer.Tests.Datastores;

/// <summary>The etcd of a Kubernetes v1.36 cluster as it stands is served, and what is written there Kubernetes reads again.</summary>
[Trait("Needs", "etcd")]
public sealed class TakeOverTests : IAsyncLifetime
{
    private readonly EtcdServer _etcd = new();
    private EtcdStore? _store;
    private RunningServer? _server;

    private RunningServer Server => _server!;

    public async Task InitializeAsync()
    {
        if (EtcdServer.IsInstalled)
        {
            _etcd.Start();
            _store = await EtcdStore.ConnectAsync(
                new EtcdStoreOptions { Endpoints = [_etcd.Url] }, TimeProvider.System, NullLogger<EtcdStore>.Instance,
                CancellationToken.None);
            await KubernetesData.WriteAsync(_store);
            _server = await RunningServer.StartAsync(o => o with { Datastore = "etcd", EtcdServers = [_etcd.Url] });
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await _store!.DisposeAsync();
        }

        _etcd.Dispose();
    }

    [SkippableFact]
    public async Task Objects_OfEveryForm_AreRead()
    {
        EtcdServer.SkipIfMissing();
        JsonMap pod = await Server.GetAsync("/api/v1/namespaces/shop/pods/web-1");
        Assert.Equal("nginx:1", pod.MapAt("spec").List("containers")!.Maps().Single().String("image"));
        Assert.Equal("100m", pod.MapAt("spec").List("containers")!.Maps().Single().MapAt("resources").MapAt("requests").String("cpu"));
        Assert.NotEmpty(pod.MapAt("metadata").String("resourceVersion")!);
        Assert.Equal("czNjcjN0", (await Server.GetAsync("/api/v1/namespaces/shop/secrets/key")).MapAt("data").String("password"));
        JsonMap service = await Server.GetAsync("/api/v1/namespaces/shop/services/web");
        Assert.Equal("http", service.MapAt("spec").List("ports")!.Maps().Single().String("targetPort"));
        Assert.Equal("10.1.0.0/24", (await Server.GetAsync("/api/v1/nodes/node-1")).MapAt("spec").String("podCIDR"));
        foreach (string path in (string[])
            ["/api/v1/namespaces/shop/endpoints/web", "/api/v1/namespaces/shop/replicationcontrollers/old",
             "/apis/events.k8s.io/v1/namespaces/shop/events/web-1.1", "/api/v1/namespaces/shop/events/web-1.1",
             "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web",
             "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1",
             "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.10", "/apis/networking.k8s.io/v1/servicecidrs/kubernetes",
             "/apis/apiregistration.k8s.io/v1/apiservices/v1."])
        {
            Assert.Equal("2026-01-02T03:04:05Z", (await Server.GetAsync(path)).MapAt("metadata").String("creationTimestamp"));
        }

        JsonMap deployment = await Server.GetAsync("/apis/apps/v1/namespaces/shop/deployments/web");
        Assert.Equal("25%", deployment.MapAt("spec").MapAt("strategy").MapAt("rollingUpdate").String("maxUnavailable"));
        Assert.Equal(600, deployment.MapAt("spec").Integer("progressDeadlineSeconds"));
        Assert.Equal(3, (await Server.GetAsync("/apis/shop.example/v1/namespaces/shop/orders/first")).MapAt("spec").Integer("count"));
        Assert.Equal("1", (await Server.GetAsync("/api/v1/namespaces/shop/configmaps/settings")).MapAt("data").String("a"));
        JsonMap fromGo = await Server.GetAsync("/api/v1/namespaces/shop/configmaps/from-go");
        Assert.Equal("", fromGo.MapAt("data").String("empty"));
        Assert.Equal(["name", "namespace", "uid", "resourceVersion"], fromGo.MapAt("metadata").Select(m => m.Key));
    }

    [SkippableFact]
    public async Task Autoscaler_StoredInEitherVersion_IsServedInBoth()
    {
        EtcdServer.SkipIfMissing();
        JsonMap old = await Server.GetAsync("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/old");
        Assert.Equal(
            60, old.MapAt("spec").List("metrics")!.Maps().Single().MapAt("resource").MapAt("target").Integer("averageUtilization"));
        JsonMap now = await Server.GetAsync("/apis/autoscaling/v1/namespaces/shop/horizontalpodautoscalers/new");
        Assert.Equal(70, now.MapAt("spec").Integer("targetCPUUtilizationPercentage"));
    }

    [SkippableFact]
    public async Task Changes_AreWatched_AndStoredSoThatKubernetesReadsThem()
    {
        EtcdServer.SkipIfMissing();
        JsonMap list = await Server.GetAsync("/api/v1/namespaces/shop/pods");
        Assert.Single(list.List("items")!);
        using StreamReader watch = await Server.WatchAsync(
            $"/api/v1/namespaces/shop/pods?watch=1&resourceVersion={list.MapAt("metadata").String("resourceVersion")}");
        (HttpStatusCode code, _) = await Server.SendAsync(
            HttpMethod.Patch, "/api/v1/namespaces/shop/pods/web-1", """{"metadata":{"labels":{"tier":"front"}}}""",
            "application/merge-patch+json");
        Assert.Equal(HttpStatusCode.OK, code);
        JsonMap seen = await NextAsync(watch);
        Assert.Equal("MODIFIED", seen.String("type"));
        Assert.Equal("front", seen.MapAt("object").MapAt("metadata").MapAt("labels").String("tier"));

        // Kubernetes' decoder takes what begins with a brace as JSON and goes by kind and apiVersion; the revision is the key's.
        JsonMap stored = JsonReading.ReadMap(
            (await _store!.GetAsync("/registry/pods/shop/web-1", CancellationToken.None))!.Value.Value.Span);
        Assert.Equal(("v1", "Pod"), (stored.String("apiVersion"), stored.String("kind")));
        Assert.False(stored.MapAt("metadata").ContainsKey("resourceVersion"));
        Assert.Equal("10.1.0.5", stored.MapAt("status").String("podIP"));

        // Written by Kubernetes beside us.
        const string order =
            """{"apiVersion":"shop.example/v1","kind":"Order","metadata":{"name":"first","namespace":"shop","uid":"u"},"spec":{"count":4}}""";
        await _store.PutAsync(
            "/registry/shop.example/orders/shop/first", Encoding.UTF8.GetBytes(order + "\n"), null, null, CancellationToken.None);
        Assert.Equal(4, (await Server.GetAsync("/apis/shop.example/v1/namespaces/shop/orders/first")).MapAt("spec").Integer("count"));

        (code, _) = await Server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop/pods/web-1?gracePeriodSeconds=0");
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal("DELETED", (await NextAsync(watch)).String("type"));
        Assert.Null(await _store.GetAsync("/registry/pods/shop/web-1", CancellationToken.None));
    }

    [SkippableFact]
    public async Task Allocations_OfKubernetes_AreKept()
    {
        EtcdServer.SkipIfMissing();
        foreach ((string spec, string fault) in ((string, string)[])
            [("\"type\":\"NodePort\",\"ports\":[{\"port\":1,\"nodePort\":30080}]", "provided port is already allocated"),
             ("\"type\":\"NodePort\",\"ports\":[{\"port\":1,\"nodePort\":30090}]", "provided port is already allocated"),
             ("\"clusterIP\":\"10.96.0.10\",\"ports\":[{\"port\":1}]", "provided IP is already allocated")])
        {
            (HttpStatusCode code, JsonMap status) = await CreateServiceAsync("taken", spec);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
            Assert.Contains(fault, status.String("message"));
        }

        (HttpStatusCode created, JsonMap service) = await CreateServiceAsync("more", "\"type\":\"NodePort\",\"ports\":[{\"port\":1}]");
        Assert.Equal(HttpStatusCode.Created, created);
        long port = service.MapAt("spec").List("ports")!.Maps().Single().Integer("nodePort")!.Value;
        Assert.True(await IsTakenAsync(port) && await IsTakenAsync(30080) && await IsTakenAsync(30090));
        await Server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop/services/more");
        await Server.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/shop/services/web");
        Assert.False(await IsTakenAsync(port) || await IsTakenAsync(30080));
        Assert.Null(await _store!.GetAsync("/registry/ipaddresses/10.96.0.10", CancellationToken.None));
    }

    [SkippableFact]
    public async Task Value_ThatCannotBeRead_IsNeverTakenForDeleted()
    {
        EtcdServer.SkipIfMissing();
        const string Key = "/registry/secrets/shop/encrypted";
        Assert.Single((await Server.GetAsync("/api/v1/namespaces/shop/secrets")).List("items")!);
        await _store!.PutAsync(Key, "k8s:enc:aescbc:v1:key1:..."u8.ToArray(), 0, null, CancellationToken.None);

        (HttpStatusCode code, JsonMap status) = await UntilAsync("/api/v1/namespaces/shop/secrets", HttpStatusCode.InternalServerError);
        Assert.Equal("Status", status.String("kind"));
        Assert.Contains(Key, status.String("message"));
        (code, _) = await Server.SendAsync(HttpMethod.Get, "/api/v1/namespaces/shop/secrets/encrypted");
        Assert.Equal(HttpStatusCode.InternalServerError, code);
        await Server.GetAsync("/api/v1/namespaces/shop/pods/web-1");

        await _store.DeleteAsync(Key, null, CancellationToken.None);
        await UntilAsync("/api/v1/namespaces/shop/secrets", HttpStatusCode.OK);
    }

    private async Task<(HttpStatusCode Code, JsonMap Body)> UntilAsync(string path, HttpStatusCode wanted)
    {
        (HttpStatusCode Code, JsonMap Body) answer = default;
        await Until.TrueAsync(
            async () => (answer = await Server.SendAsync(HttpMethod.Get, path)).Code == wanted, $"{path} answers {wanted}");
        return answer;
    }

    private async Task<(HttpStatusCode Code, JsonMap Body)> CreateServiceAsync(string name, string spec) => await Server.SendAsync(
        HttpMethod.Post, "/api/v1/namespaces/shop/services", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{spec}}}}}""");

    private async Task<bool> IsTakenAsync(long port)
    {
        JsonMap range = JsonReading.ReadMap(
            (await _store!.GetAsync("/registry/ranges/servicenodeports", CancellationToken.None))!.Value.Value.Span);
        Assert.Equal("30000-32767", range.String("range"));
        var bits = new System.Numerics.BigInteger(Convert.FromBase64String(range.String("data")!), isUnsigned: true, isBigEndian: true);
        return !((bits >> (int)(port - 30000)) & 1).IsZero;
    }

    private static async Task<JsonMap> NextAsync(StreamReader watch) =>
        JsonReading.ReadMap(Encoding.UTF8.GetBytes((await watch.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)))!));
}
