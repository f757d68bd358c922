using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>SIGKILL of the API server at random instants under load: no acknowledged write is lost, revisions only rise, watches
/// have neither gaps nor duplicates.</summary>
[Trait("Needs", "etcd")]
public sealed class KillUnderLoadTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("sqlite")]
    [InlineData("etcd")]
    public async Task Kill_AtRandomInstants_KeepsTheHistory(string datastore)
    {
        int seed = FaultFolder.Seed(), kills = FaultFolder.Rounds(6);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new FaultFolder();
        EtcdMember[] etcd = datastore == "etcd" ? await EtcdMember.StartAsync(folder.Path, 1) : [];
        string[] store = datastore == "etcd"
            ? ["--etcd-servers", etcd[0].Url]
            : ["--datastore", "sqlite", "--sqlite-file", Path.Combine(folder.Path, "store.db")];
        try
        {
            await using var server = new ServerChild(folder.Path, store);
            await server.StartAsync();
            await using Load load = await Load.StartAsync([server], seed);
            for (int i = 0; i < kills; i++)
            {
                await load.AcknowledgedAsync(1 + random.Next(200), TimeSpan.FromSeconds(30));
                await Task.Delay(random.Next(50));
                await server.KillAsync();
                await server.StartAsync();
            }

            await load.AcknowledgedAsync(100, TimeSpan.FromSeconds(30));
            await load.FinishAsync($"seed {seed}, {datastore}, {kills} kills");
            output.WriteLine(
                $"{datastore}: {kills} kills, {load.History.Count} writes acknowledged, {load.History.Unknown} of unknown fate, none lost");
        }
        finally
        {
            foreach (EtcdMember member in etcd)
            {
                await member.DisposeAsync();
            }
        }
    }
}
