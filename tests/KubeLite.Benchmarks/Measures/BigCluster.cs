using System.Diagnostics;
using System.Text;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;
using KubeLite.Benchmarks.Targets;

namespace KubeLite.Benchmarks.Measures;

/// <summary>A cluster of the size that Kubernetes is released for: many Nodes whose heartbeats go on, and very many Pods held, while
/// single objects are worked on and their durations measured.</summary>
public sealed class BigCluster(ServerClient client, BenchmarkOptions options, OwnServer? own)
{
    private const string Namespace = "benchmark-scale", Pods = $"/api/v1/namespaces/{Namespace}/pods";
    private const double ProbesPerSecond = 20;

    /// <summary>Measures.</summary>
    /// <param name="add">Takes each figure as it comes.</param>
    public async Task MeasureAsync(Action<Measurement> add)
    {
        var heartbeats = new Heartbeats(client, options.ScaleNodes);
        await client.ReadAsync(
            HttpMethod.Post, "/api/v1/namespaces", Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{Namespace}}}"}}"""));
        await client.SendAsync(
            HttpMethod.Post, $"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}"""u8.ToArray());
        await heartbeats.RegisterAsync(options.ScaleFill);
        LoadResult filled = await LoadGenerator.RunAsync(
            options.ScalePods, BenchmarkOptions.AtOnce, options.ScaleFill,
            i => client.SendAsync(HttpMethod.Post, Pods, Objects.Pod($"pod-{i}", "nobody", Heartbeats.Node(i % options.ScaleNodes))));
        int held = filled.Count - filled.Failed;
        add(Measurement.Rate(Catalog.ScaleFill, filled));

        // Whoever lists first may have to wait until the server holds everything in its cache.
        add(await FirstListAsync(client));
        AddMemory(add, Catalog.ScaleMemory, Catalog.ScaleEtcdMemory, $"{held:N0} Pods, {options.ScaleNodes:N0} Nodes");
        await LiveAsync(heartbeats, held, add);
        AddMemory(add, Catalog.ScaleBusyMemory, Catalog.ScaleBusyEtcdMemory, "after the heartbeats");
        if (own is not null)
        {
            await own.RestartAsync();
            add(new Measurement(Catalog.ScaleRestart, own.StartToReady.TotalSeconds) { Note = $"{held:N0} Pods" });
            add(await FirstListAsync(own.Client) with { Row = Catalog.ScaleRestartList });
        }
    }

    private async Task LiveAsync(Heartbeats heartbeats, int held, Action<Measurement> add)
    {
        TimeSpan duration = options.ScaleLive;
        int probes = (int)(ProbesPerSecond * duration.TotalSeconds) + 1;
        using var stop = new CancellationTokenSource(duration);
        double before = own is null ? 0 : ProcessFigures.CpuSeconds(own.ProcessId);
        Task<LoadResult> Probe(Func<int, Task<long>> once) => new PacedLoad(ProbesPerSecond, probes).RunAsync(once, stop.Token);
        Task<LoadResult> leases = heartbeats.RenewAsync(duration, stop.Token), statuses = heartbeats.TellStatusAsync(duration, stop.Token);
        Task<LoadResult> gets = Probe(i => client.SendAsync(HttpMethod.Get, $"{Pods}/pod-{i * 37L % held}"));
        Task<LoadResult> lists = Probe(i => client.SendAsync(HttpMethod.Get, NodePods(i % options.ScaleNodes)));
        Task<LoadResult> patches = Probe(i => client.SendAsync(
            HttpMethod.Patch, $"{Pods}/pod-{i * 41L % held}/status",
            Encoding.UTF8.GetBytes(
                $$$$"""{"status":{"conditions":[{"type":"Ready","status":"True","reason":"R{{{{i}}}}"}]}}"""),
                "application/strategic-merge-patch+json"));
        Task<LoadResult> deletes = Probe(i => client.SendAsync(HttpMethod.Delete, $"{Pods}/pod-{held - 1 - i}?gracePeriodSeconds=0"));
        Task<LoadResult> creates = Probe(
            i => client.SendAsync(HttpMethod.Post, Pods, Objects.Pod($"late-{i}", "nobody", Heartbeats.Node(i % options.ScaleNodes))));
        add(Measurement.Rate(Catalog.ScaleLeases, await leases));
        add(Measurement.P99Of(Catalog.ScaleLeaseP99, await leases));
        add(Measurement.P99Of(Catalog.ScaleNodeStatusP99, await statuses));
        add(Measurement.P99Of(Catalog.ScaleGetP99, await gets));
        add(Measurement.P99Of(Catalog.ScaleCreateP99, await creates));
        add(Measurement.P99Of(Catalog.ScalePatchP99, await patches));
        add(Measurement.P99Of(Catalog.ScaleDeleteP99, await deletes));
        add(Measurement.P99Of(Catalog.ScaleNodeListP99, await lists));
        if (own is not null)
        {
            add(new Measurement(Catalog.ScaleCpu, (ProcessFigures.CpuSeconds(own.ProcessId) - before) / duration.TotalSeconds * 100));
        }
    }

    private static async Task<Measurement> FirstListAsync(ServerClient client)
    {
        long begun = Stopwatch.GetTimestamp();
        int refused = 0;
        while (await client.SendAsync(HttpMethod.Get, NodePods(0)) < 0)
        {
            refused++;
            await Task.Delay(100);
        }

        return new Measurement(Catalog.ScaleFirstList, Stopwatch.GetElapsedTime(begun).TotalSeconds)
        {
            Note = refused > 0 ? $"refused {refused} times before" : null,
        };
    }

    private static string NodePods(int node) => $"/api/v1/pods?fieldSelector=spec.nodeName%3D{Heartbeats.Node(node)}";

    private void AddMemory(Action<Measurement> add, Row server, Row etcd, string note)
    {
        if (own is null)
        {
            return;
        }

        add(new Measurement(server, ProcessFigures.ResidentMegabytes(own.ProcessId)) { Note = note });
        if (own.EtcdProcessId is { } pid)
        {
            add(new Measurement(etcd, ProcessFigures.ResidentMegabytes(pid)) { Note = note });
        }
    }
}
