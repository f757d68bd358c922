using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>Several API servers on one etcd: each shows at once what another acknowledged, and any may be killed.</summary>
[Trait("Needs", "etcd")]
public sealed class PeerTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task ThreeServers_OneKilledUnderLoad_ClientsGoOn()
    {
        int seed = FaultFolder.Seed();
        output.WriteLine($"seed {seed}");
        using var folder = new FaultFolder();
        await using EtcdMember etcd = (await EtcdMember.StartAsync(folder.Path, 1))[0];
        ServerChild[] servers = [.. Enumerable.Range(1, 3).Select(
            i => new ServerChild(folder.Path, ["--etcd-servers", etcd.Url], $"10.77.0.{i}"))];
        try
        {
            servers[0].Launch();
            servers[1].Launch();
            servers[2].Launch();
            foreach (ServerChild server in servers)
            {
                await server.ReadyAsync(TimeSpan.FromSeconds(60));
            }

            await EndpointsAsync(servers[0], "10.77.0.1,10.77.0.2,10.77.0.3", TimeSpan.FromSeconds(25));
            Assert.Equal(3, await IdentitiesAsync(servers[1]));
            await using (Load load = await Load.StartAsync([servers[0], servers[1]], seed))
            {
                await load.AcknowledgedAsync(300, TimeSpan.FromSeconds(30));
                var clock = Stopwatch.StartNew();
                await servers[1].KillAsync();
                await load.AcknowledgedAsync(100, TimeSpan.FromSeconds(20));
                output.WriteLine($"clients went on {clock.ElapsedMilliseconds} ms after the kill (100 writes)");
                await EndpointsAsync(servers[2], "10.77.0.1,10.77.0.3", TimeSpan.FromSeconds(40));
                await servers[1].StartAsync();
                await load.AcknowledgedAsync(200, TimeSpan.FromSeconds(30));
                await load.FinishAsync($"seed {seed}");
                output.WriteLine($"{load.History.Count} writes acknowledged, {load.History.Unknown} of unknown fate, none lost");
            }

            await servers[2].StopAsync();
            await EndpointsAsync(servers[0], "10.77.0.1,10.77.0.2", TimeSpan.FromSeconds(15));
        }
        finally
        {
            foreach (ServerChild server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    [SkippableFact]
    public async Task Leases_LeftBehindAndExpired_AreCollected_AndNodePortsNeverGivenTwice()
    {
        using var folder = new FaultFolder();
        await using EtcdMember etcd = (await EtcdMember.StartAsync(folder.Path, 1))[0];
        await using var first = new ServerChild(
            folder.Path, ["--etcd-servers", etcd.Url, "--service-node-port-range", "30000-30079"], "10.77.0.1");
        await using var second = new ServerChild(
            folder.Path, ["--etcd-servers", etcd.Url, "--service-node-port-range", "30000-30079"], "10.77.0.2");
        await first.StartAsync();
        using var dead = new StringContent("""
            {"metadata":{"name":"apiserver-dead","labels":{"apiserver.kubernetes.io/identity":"kube-apiserver"}},
            "spec":{"holderIdentity":"dead","leaseDurationSeconds":3600,"renewTime":"2020-01-01T00:00:00.000000Z"}}
            """, Encoding.UTF8, "application/json");
        (await first.Http.PostAsync("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", dead)).EnsureSuccessStatusCode();
        await second.StartAsync();
        Assert.Equal(2, await IdentitiesAsync(first));

        ServerChild[] servers = [first, second];
        HttpResponseMessage[] created = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => servers[i % 2].Http.PostAsync(
            "/api/v1/namespaces/default/services",
            new StringContent(
                $$$"""{"metadata":{"name":"s{{{i}}}"},"spec":{"type":"NodePort","ports":[{"name":"a","port":1},{"name":"b","port":2}]}}""",
                Encoding.UTF8, "application/json"))));
        Assert.All(created, c => Assert.True(c.IsSuccessStatusCode, c.Content.ReadAsStringAsync().Result));
        using JsonDocument list = JsonDocument.Parse(await second.Http.GetStringAsync("/api/v1/namespaces/default/services"));
        long[] ports = [.. list.RootElement.GetProperty("items").EnumerateArray().SelectMany(
            s => s.GetProperty("spec").GetProperty("ports").EnumerateArray())
            .Where(p => p.TryGetProperty("nodePort", out _)).Select(p => p.GetProperty("nodePort").GetInt64())];
        Assert.Equal(80, ports.Distinct().Count());
    }

    private static async Task EndpointsAsync(ServerChild server, string expected, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        string endpoints = "", slice = "";
        while (endpoints != expected || slice != expected)
        {
            Assert.True(clock.Elapsed < limit, $"the endpoints are {endpoints} and {slice}, not {expected}, after {clock.Elapsed}");
            await Task.Delay(200);
            endpoints = await AddressesAsync(server, "/api/v1/namespaces/default/endpoints/kubernetes", e => e.GetProperty("subsets")[0]
                .GetProperty("addresses").EnumerateArray().Select(a => a.GetProperty("ip").GetString()!));
            slice = await AddressesAsync(
                server, "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes", e => e.GetProperty("endpoints")
                .EnumerateArray().Select(a => a.GetProperty("addresses")[0].GetString()!));
        }
    }

    private static async Task<string> AddressesAsync(ServerChild server, string path, Func<JsonElement, IEnumerable<string>> read)
    {
        using HttpResponseMessage response = await server.Http.GetAsync(path);
        if (!response.IsSuccessStatusCode)
        {
            return $"{response.StatusCode}";
        }

        using JsonDocument obj = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return string.Join(',', read(obj.RootElement));
    }

    private static async Task<int> IdentitiesAsync(ServerChild server)
    {
        using JsonDocument leases = JsonDocument.Parse(await server.Http.GetStringAsync(
            "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases?labelSelector=apiserver.kubernetes.io/identity=kube-apiserver"));
        return leases.RootElement.GetProperty("items").GetArrayLength();
    }
}
