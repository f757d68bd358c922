using Xunit;
using Xunit.Abstractions;

namespace KubeLite.System.Tests.Faults;

/// <summary>Two API servers on three etcd members, and one fault after the other, drawn at random: a kill of either kind, a member
/// that hangs, a compaction.</summary>
[Trait("Needs", "etcd")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Faults_DrawnAtRandom_KeepTheHistory()
    {
        int seed = FaultFolder.Seed(), rounds = FaultFolder.Rounds(5);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var folder = new FaultFolder();
        EtcdMember[] etcd = await EtcdMember.StartAsync(folder.Path, 3);
        string endpoints = string.Join(',', etcd.Select(m => m.Url));
        ServerChild[] servers =
            [new ServerChild(folder.Path, ["--etcd-servers", endpoints]), new ServerChild(folder.Path, ["--etcd-servers", endpoints])];
        try
        {
            await servers[0].StartAsync();
            await servers[1].StartAsync();
            await using Load load = await Load.StartAsync(servers, seed);
            for (int round = 0; round < rounds; round++)
            {
                await load.AcknowledgedAsync(30 + random.Next(100), TimeSpan.FromSeconds(60));
                EtcdMember member = etcd[random.Next(3)];
                ServerChild server = servers[random.Next(2)];
                int fault = random.Next(5);
                output.WriteLine($"round {round}: fault {fault}, {load.History.Count} acknowledged");
                switch (fault)
                {
                    case 0:
                        await server.KillAsync();
                        await server.StartAsync();
                        break;
                    case 1:
                        await member.KillAsync();
                        await Task.Delay(random.Next(2000));
                        member.Launch();
                        await member.HealthyAsync();
                        break;
                    case 2:
                        await member.FreezeAsync();
                        await Task.Delay(random.Next(4000));
                        await member.ThawAsync();
                        break;
                    case 3:
                        await member.CompactAsync();
                        break;
                    default:
                        // Both at once.
                        await Task.WhenAll(member.KillAsync(), server.KillAsync());
                        member.Launch();
                        await server.StartAsync();
                        break;
                }
            }

            await load.AcknowledgedAsync(100, TimeSpan.FromSeconds(60));
            await load.FinishAsync($"seed {seed}, {rounds} faults");
            output.WriteLine(
                $"{rounds} faults, {load.History.Count} writes acknowledged, {load.History.Unknown} of unknown fate, none lost");
        }
        finally
        {
            foreach (IAsyncDisposable part in (IEnumerable<IAsyncDisposable>)[.. servers, .. etcd])
            {
                await part.DisposeAsync();
            }
        }
    }
}
