using System.Text;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Measures;
using KubeLite.Benchmarks.Targets;

namespace KubeLite.Benchmarks;

/// <summary>One run against one server, from the idle one to the loaded one, with the yardsticks beside it.</summary>
public sealed class BenchmarkRun(ServerClient client, OwnServer? own, BenchmarkOptions options, Report report)
{
    private const string Empty = "yardstick: an empty endpoint, 32 at once", Static = "yardstick: the same list as one array, 2 at once";
    private const string Puts = "yardstick: raw puts of 2,000 B to the same etcd, 32 at once";

    private readonly string _namespace = "benchmark-" + Random.Shared.Next(10_000, 99_999);

    /// <summary>Measures everything; objects are removed from a server that is not our own.</summary>
    public async Task RunAsync()
    {
        if (own is not null)
        {
            report.Add(new Measurement("start of the process to ready") { Value = $"{own.StartToReady.TotalSeconds:0.00} s" });
            await IdleAsync("idle, fresh", own.ProcessId);
        }

        await client.ReadAsync(HttpMethod.Post, "/api/v1/namespaces", Text($$$"""{"metadata":{"name":"{{{_namespace}}}"}}"""));
        try
        {
            // Without a controller manager nobody else makes the account that Pods run as.
            await client.SendAsync(HttpMethod.Post, $"/api/v1/namespaces/{_namespace}/serviceaccounts", Text("""{"metadata":{"name":"default"}}"""));
            await MeasureAsync();
        }
        finally
        {
            if (own is null)
            {
                await CleanUpAsync();
            }
        }
    }

    private async Task MeasureAsync()
    {
        var single = new SingleObjects(client, options, _namespace);
        var lists = new Lists(client, options, _namespace);
        string? puts = own?.Etcd is null ? null : Puts;
        await single.WarmUpAsync();
        report.Add(await CountedAsync(single.CreatePodsAsync) with { Yardstick = puts ?? Empty });
        report.Add(await CountedAsync(single.GetPodsAsync) with { Yardstick = Empty });
        report.Add(await CountedAsync(lists.AnyVersionAsync) with { Yardstick = Static });
        report.Add(await CountedAsync(lists.ConsistentAsync));
        report.Add(await CountedAsync(lists.TableAsync));
        report.Add(await CountedAsync(lists.PagesAsync));
        report.Add(await CountedAsync(single.PatchStatusAsync) with { Yardstick = puts ?? Empty });
        report.Add(await CountedAsync(single.PatchLeasesAsync) with { Yardstick = puts ?? Empty });
        await YardsticksAsync(await lists.BytesAsync());
        var fanOut = new WatchFanOut(client, options, _namespace);
        report.Add(await fanOut.MeasureAsync(100, 1000));
        report.Add(await fanOut.MeasureAsync(500, 500));
        if (own is not null)
        {
            await IdleAsync($"idle, {options.Pods:N0} Pods, after all that", own.ProcessId);
        }

        report.Add(await new Scheduling(client, options, _namespace).MeasureAsync(own is null ? null : own.StartScheduler));
    }

    private async Task<Measurement> CountedAsync(Func<Task<Measurement>> measure)
    {
        if (own is null)
        {
            return await measure();
        }

        double before = ChildServer.CpuSeconds(own.ProcessId);
        Measurement measurement = await measure();
        double used = ChildServer.CpuSeconds(own.ProcessId) - before;
        return measurement with { ServerCpu = used * 1e6 / Math.Max(1, measurement.Count ?? 1) };
    }

    private async Task YardsticksAsync(byte[] list)
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, list);
            await using Yardstick yardstick = await Yardstick.StartAsync(file);
            Func<int, Task<long>> empty = _ => yardstick.Client.SendAsync(HttpMethod.Get, "/empty");
            await LoadGenerator.RunAsync("warm up", 2000, BenchmarkOptions.AtOnce, options.Limit, empty);
            report.Add(await LoadGenerator.RunAsync(Empty, options.Requests, BenchmarkOptions.AtOnce, options.Limit, empty));
            report.Add(await LoadGenerator.RunAsync(Static, 20, 2, options.Limit, _ => yardstick.Client.SendAsync(HttpMethod.Get, "/array")));
        }
        finally
        {
            File.Delete(file);
        }

        if (own?.Etcd is { } etcd)
        {
            report.Add(await EtcdPuts.MeasureAsync(Puts, etcd, options));
        }
    }

    private async Task IdleAsync(string work, int pid)
    {
        double before = ChildServer.CpuSeconds(pid);
        await Task.Delay(options.Idle);
        double share = (ChildServer.CpuSeconds(pid) - before) / options.Idle.TotalSeconds;
        report.Add(new Measurement(work) { Value = $"{ChildServer.ResidentBytes(pid) / 1e6:0} MB, {share * 100:0.0} % of a core" });
    }

    private async Task CleanUpAsync()
    {
        await new Scheduling(client, options, _namespace).CleanUpAsync();
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}/pods?gracePeriodSeconds=0");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}/configmaps");
        await client.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/{_namespace}");
    }

    private static byte[] Text(string json) => Encoding.UTF8.GetBytes(json);
}
