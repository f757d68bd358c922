using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>
/// What goes wrong with etcd: while it does clients get a Status, afterwards all goes on by itself, and the history holds.
/// </summary>
[Trait("Needs", "etcd")]
public sealed class EtcdFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(45);

    private readonly FaultFolder _folder = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly int _seed = FaultFolder.Seed();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync();
        }

        _folder.Dispose();
    }

    [SkippableFact]
    public async Task Stopped_AnswersWithAStatus_ThenGoesOn()
    {
        EtcdMember etcd = (await EtcdAsync(1))[0];
        ServerChild server = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(server);
        await etcd.KillAsync();
        await ExpectStatusAsync(server);
        etcd.Launch();
        await RecoversAsync(load, "etcd stopped and started");
    }

    [SkippableFact]
    public async Task Hanging_AnswersWithAStatus_ThenGoesOn()
    {
        EtcdMember etcd = (await EtcdAsync(1))[0];
        ServerChild server = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(server);
        await etcd.FreezeAsync();
        await ExpectStatusAsync(server);
        await etcd.ThawAsync();
        await RecoversAsync(load, "etcd hung");
    }

    [SkippableFact]
    public async Task LeaderKilled_OfThree_WritesGoOn()
    {
        EtcdMember[] etcd = await EtcdAsync(3);
        ServerChild server = await ServerAsync(string.Join(',', etcd.Select(m => m.Url)));
        Load load = await LoadAsync(server);
        for (int round = 0; round < FaultFolder.Rounds(2); round++)
        {
            EtcdMember? leader = null;
            foreach (EtcdMember member in etcd)
            {
                leader = await member.LeadsAsync() ? member : leader;
            }

            var clock = Stopwatch.StartNew();
            await leader!.KillAsync();
            await load.AcknowledgedAsync(50, s_patience);
            output.WriteLine($"50 writes within {clock.ElapsedMilliseconds} ms of the leader's death");
            leader.Launch();
            await leader.HealthyAsync();
        }

        await RecoversAsync(load, "leaders killed");
    }

    [SkippableFact]
    public async Task CutOffAndCompacted_ListsAnew_AndWatchersAreTold()
    {
        EtcdMember etcd = (await EtcdAsync(1))[0];
        var proxy = new TcpProxy(etcd.Port);
        _parts.Add(proxy);
        ServerChild cut = await ServerAsync(proxy.Url), whole = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(cut, whole);
        for (int round = 0; round < FaultFolder.Rounds(3); round++)
        {
            var clock = Stopwatch.StartNew();
            proxy.Cut();
            await load.AcknowledgedAsync(100, s_patience);
            long before = clock.ElapsedMilliseconds;
            await etcd.CompactAsync();
            await load.AcknowledgedAsync(20, s_patience);
            proxy.Heal();
            long cutFor = clock.ElapsedMilliseconds;
            await load.AcknowledgedAsync(100, s_patience);
            output.WriteLine(
                $"100 writes within {before} ms of the cut, 100 within {clock.ElapsedMilliseconds - cutFor} ms of its end after {cutFor} ms");
        }

        await RecoversAsync(load, "cut off while etcd was compacted");
        Assert.True(load.Relists(0) > 0, "the watcher of the server that was cut off was not told to list anew");
        Assert.Equal(0, load.Relists(1));
    }

    [SkippableFact]
    public async Task Compacted_UnderOpenWatches_NothingIsMissed()
    {
        EtcdMember etcd = (await EtcdAsync(1))[0];
        ServerChild server = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(server);
        for (int round = 0; round < 10; round++)
        {
            await load.AcknowledgedAsync(50, s_patience);
            await etcd.CompactAsync();
        }

        await RecoversAsync(load, "compacted under open watches");
    }

    [SkippableFact]
    public async Task OutOfSpace_AnswersWithAStatus_GoesOnWhenTheAlarmIsDisarmed()
    {
        EtcdMember etcd = (await EtcdAsync(1, "--quota-backend-bytes", "20000000"))[0];
        ServerChild server = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(server);
        HttpStatusCode code = HttpStatusCode.Created;
        string answer = "";
        for (int i = 0; code == HttpStatusCode.Created; i++)
        {
            Assert.True(i < 200, "etcd takes more than its quota");
            using HttpResponseMessage response = await server.Http.PostAsync(
                "/api/v1/namespaces/default/configmaps",
                new StringContent(
                    $$$"""{"metadata":{"name":"large{{{i}}}"},"data":{"a":"{{{new string('a', 900_000)}}}"}}""", Encoding.UTF8,
                    "application/json"));
            (code, answer) = (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        output.WriteLine($"{(int)code}: {answer}");
        Assert.True((int)code >= 500, answer);
        Assert.Contains("out of space", answer);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/api/v1/namespaces/default/configmaps/large0")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.DeleteAsync("/api/v1/namespaces/default/configmaps")).StatusCode);
        await etcd.CompactAsync();
        await etcd.ControlAsync("defrag");
        await etcd.ControlAsync("alarm disarm");
        await RecoversAsync(load, "etcd out of space");
    }

    [SkippableFact]
    [Trait("Needs", "network namespaces")]
    public async Task Partitioned_AnswersWithAStatus_ThenGoesOn()
    {
        Skip.If(Shell.Find("etcd") is null, "etcd is not installed");
        NetworkNamespace network = await NetworkNamespace.CreateAsync();
        _parts.Add(network);
        EtcdMember etcd = await EtcdMember.StartInAsync(_folder.Path, network.Name, network.Address);
        _parts.Add(etcd);
        ServerChild server = await ServerAsync(etcd.Url);
        Load load = await LoadAsync(server);
        await network.PullAsync();
        await ExpectStatusAsync(server);
        await network.PlugAsync();
        await RecoversAsync(load, "partitioned");
    }

    private async Task<EtcdMember[]> EtcdAsync(int members, params string[] flags)
    {
        EtcdMember[] etcd = await EtcdMember.StartAsync(_folder.Path, members, flags);
        _parts.AddRange(etcd);
        return etcd;
    }

    private async Task<ServerChild> ServerAsync(string endpoints)
    {
        var server = new ServerChild(_folder.Path, ["--etcd-servers", endpoints]);
        _parts.Add(server);
        await server.StartAsync();
        return server;
    }

    private async Task<Load> LoadAsync(params ServerChild[] servers)
    {
        output.WriteLine($"seed {_seed}");
        Load load = await Load.StartAsync(servers, _seed);
        _parts.Add(load);
        await load.AcknowledgedAsync(100, s_patience);
        return load;
    }

    private async Task RecoversAsync(Load load, string after)
    {
        var clock = Stopwatch.StartNew();
        await load.AcknowledgedAsync(100, s_patience);
        output.WriteLine($"100 writes within {clock.ElapsedMilliseconds} ms of the end");
        await load.FinishAsync($"seed {_seed}, {after}");
        output.WriteLine($"{load.History.Count} writes acknowledged, {load.History.Unknown} refused or of unknown fate, none lost");
    }

    /// <summary>A read and a write both end within the time that Kubernetes' clients wait, with a Status that says to come again.</summary>
    private async Task ExpectStatusAsync(ServerChild server)
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using var request = new HttpRequestMessage(method, "/api/v1/namespaces/load/configmaps");
            if (method == HttpMethod.Post)
            {
                request.Content = new StringContent("""{"metadata":{"generateName":"never-"}}""", Encoding.UTF8, "application/json");
            }

            var clock = Stopwatch.StartNew();
            using HttpResponseMessage response = await server.Http.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(30));
            string text = await response.Content.ReadAsStringAsync();
            output.WriteLine($"{method} after {clock.ElapsedMilliseconds} ms: {(int)response.StatusCode} {text}");
            Assert.True(
                response.StatusCode is HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout, $"{response.StatusCode} {text}");
            using JsonDocument status = JsonDocument.Parse(text);
            Assert.Equal("Status", status.RootElement.GetProperty("kind").GetString());
        }
    }
}
