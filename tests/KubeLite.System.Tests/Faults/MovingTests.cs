using System.Globalization;
using System.Net;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>Snapshots of a cluster that runs, and moves between SQLite and etcd: nothing is lost, no revision falls.</summary>
[Trait("Needs", "etcd")]
public sealed class MovingTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Snapshot_UnderLoad_RestoresToEitherStore()
    {
        int seed = FaultFolder.Seed();
        output.WriteLine($"seed {seed}");
        using var folder = new FaultFolder();
        await using EtcdMember etcd = (await EtcdMember.StartAsync(folder.Path, 1))[0], empty = (await EtcdMember.StartAsync(
            Path.Combine(folder.Path, "b"), 1))[0];
        string file = Path.Combine(folder.Path, "store.db"), restored = Path.Combine(folder.Path, "restored.db");
        foreach ((string[] flags, string[] store) in ((string[], string[])[])
            [(["--sqlite-file", file], ["--datastore", "sqlite", "--sqlite-file", file]),
                (["--etcd-servers", etcd.Url], ["--etcd-servers", etcd.Url])])
        {
            string snapshot = Path.Combine(folder.Path, "snapshot" + store.Length);
            await using var server = new ServerChild(folder.Path, store);
            await server.StartAsync();
            await using Load load = await Load.StartAsync([server], seed);
            await load.AcknowledgedAsync(200, TimeSpan.FromSeconds(30));
            await CliAsync(["snapshot", "save", snapshot, .. flags]);
            await load.AcknowledgedAsync(50, TimeSpan.FromSeconds(30));
            await load.FinishAsync($"seed {seed}, snapshot of {flags[1]}");
            await CliAsync(["snapshot", "status", snapshot]);
            long seen = await RevisionAsync(server);
            await server.KillAsync();

            string[] target = store.Length == 4 ? ["--etcd-servers", empty.Url] : ["--sqlite-file", restored];
            await CliAsync(["snapshot", "restore", snapshot, "--revision-gap", "5000", .. target]);
            await using var other = new ServerChild(folder.Path, store.Length == 4 ? target : ["--datastore", "sqlite", .. target]);
            await other.StartAsync();
            Assert.True(await RevisionAsync(other) > seen, "the revision fell");
            Assert.True((await ContentAsync(other)).Count > 5);
            await ExpectGoneAsync(other, seen);
        }
    }

    [SkippableFact]
    public async Task Copy_FromSqliteToEtcdAndBack_LosesNothing()
    {
        int seed = FaultFolder.Seed();
        output.WriteLine($"seed {seed}");
        using var folder = new FaultFolder();
        await using EtcdMember etcd = (await EtcdMember.StartAsync(folder.Path, 1))[0];
        string first = Path.Combine(folder.Path, "first.db"), last = Path.Combine(folder.Path, "last.db");
        Dictionary<string, string> content;
        long seen;
        await using (var server = new ServerChild(folder.Path, ["--datastore", "sqlite", "--sqlite-file", first]))
        {
            await server.StartAsync();
            await using (Load load = await Load.StartAsync([server], seed))
            {
                await load.AcknowledgedAsync(300, TimeSpan.FromSeconds(30));
                await load.FinishAsync($"seed {seed}");
            }

            (int code, _, string error) = await RunAsync(["datastore", "copy", "--from", first, "--to", etcd.Url]);
            Assert.True(code == 1 && error.Contains("used by another server"), error);
            content = await ContentAsync(server);
            seen = await RevisionAsync(server);
            await server.StopAsync();
        }

        await CliAsync(["datastore", "copy", "--from", first, "--to", etcd.Url]);
        await using (var server = new ServerChild(folder.Path, ["--etcd-servers", etcd.Url]))
        {
            await server.StartAsync();
            Assert.Equal(content.Keys.Order(), (await ContentAsync(server)).Keys.Order());
            Assert.True(await RevisionAsync(server) > seen, "the revision fell");
            await ExpectGoneAsync(server, seen);
            content = await ContentAsync(server);
            seen = await RevisionAsync(server);
            await server.StopAsync();
        }

        await CliAsync(["datastore", "copy", "--from", etcd.Url, "--to", last]);
        await using (var server = new ServerChild(folder.Path, ["--datastore", "sqlite", "--sqlite-file", last]))
        {
            await server.StartAsync();
            Assert.Equal(content, await ContentAsync(server));
            Assert.True(await RevisionAsync(server) >= seen, "the revision fell");
        }
    }

    private async Task CliAsync(string[] arguments)
    {
        (int code, string said, string error) = await RunAsync(arguments);
        output.WriteLine(said.TrimEnd());
        Assert.True(code == 0, said + error);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(string[] arguments) =>
        Shell.RunAsync("dotnet", [TestCluster.Executable(), .. arguments]);

    /// <summary>Who watches on from before the move is told to list anew.</summary>
    private static async Task ExpectGoneAsync(ServerChild server, long revision)
    {
        using HttpResponseMessage response = await server.Http.GetAsync(
            $"/api/v1/namespaces/load/configmaps?watch=1&timeoutSeconds=1&resourceVersion={revision - 10}",
            HttpCompletionOption.ResponseHeadersRead);
        Assert.True(
            response.StatusCode == HttpStatusCode.Gone || (await response.Content.ReadAsStringAsync()).Contains("\"code\":410"),
            $"{response.StatusCode}");
    }

    /// <summary>Name, revision and data of every ConfigMap of the load.</summary>
    private static async Task<Dictionary<string, string>> ContentAsync(ServerChild server)
    {
        using JsonDocument list = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/namespaces/load/configmaps"));
        return list.RootElement.GetProperty("items").EnumerateArray().ToDictionary(
            i => i.GetProperty("metadata").GetProperty("name").GetString() + "=" + i.GetProperty("data").GetProperty("n").GetString(),
            i => i.GetProperty("metadata").GetProperty("resourceVersion").GetString()!);
    }

    private static async Task<long> RevisionAsync(ServerChild server)
    {
        using JsonDocument list = JsonDocument.Parse(await server.Http.GetStringAsync("/api/v1/namespaces/load/configmaps"));
        return long.Parse(
            list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, CultureInfo.InvariantCulture);
    }
}
