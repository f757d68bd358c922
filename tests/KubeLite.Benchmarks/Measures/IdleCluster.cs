using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;
using KubeLite.Benchmarks.Targets;

namespace KubeLite.Benchmarks.Measures;

/// <summary>What a whole cluster costs when nothing is asked of it, and how long it takes to start.</summary>
public sealed class IdleCluster(BenchmarkOptions options, string datastore, string programs)
{
    private const int NamedThreads = 6;

    /// <summary>Starts one, lets it settle, and looks at it.</summary>
    public async Task<IReadOnlyList<Measurement>> MeasureAsync()
    {
        await using UpCluster cluster = await UpCluster.StartAsync(datastore, programs);
        await Task.Delay(options.Settle);
        IReadOnlyList<int> processes = cluster.ProcessIds;
        double cpu = processes.Sum(ProcessFigures.CpuSeconds);
        Dictionary<int, ThreadSleeps>[] before = [.. processes.Select(ProcessFigures.Sleeps)];
        await Task.Delay(options.Idle);
        (string Name, long Count)[] sleeps =
        [
            .. processes.SelectMany((pid, i) => Since(before[i], ProcessFigures.Sleeps(pid)))
                .GroupBy(t => t.Name).Select(g => (g.Key, g.Sum(t => t.Count))).OrderByDescending(t => t.Item2),
        ];
        double seconds = options.Idle.TotalSeconds;
        return
        [
            new Measurement(Catalog.UpStart, cluster.StartToReady.TotalSeconds),
            new Measurement(Catalog.UpCpu, (processes.Sum(ProcessFigures.CpuSeconds) - cpu) / seconds * 100),
            new Measurement(Catalog.UpWakeUps, sleeps.Sum(s => s.Count) / seconds)
            {
                Note = string.Join(
                    ", ", sleeps.Take(NamedThreads).Select(s => FormattableString.Invariant($"{s.Name} {s.Count / seconds:0.0}"))),
            },
            new Measurement(Catalog.UpMemory, processes.Sum(ProcessFigures.ResidentMegabytes)),
            new Measurement(Catalog.UpProportionalMemory, processes.Sum(ProcessFigures.ProportionalMegabytes)),
        ];
    }

    private static IEnumerable<ThreadSleeps> Since(Dictionary<int, ThreadSleeps> before, Dictionary<int, ThreadSleeps> after) =>
        after.Select(t => t.Value with { Count = t.Value.Count - before.GetValueOrDefault(t.Key).Count });
}
