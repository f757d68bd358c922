using System.Diagnostics;
using System.Text.Json;
using KubeLite.Benchmarks.Load;
using KubeLite.Benchmarks.Reports;
using KubeLite.Benchmarks.Rows;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Pods bound to Nodes a second, from the first binding to the last.</summary>
public sealed class Scheduling(ServerClient client, BenchmarkOptions options, string ns)
{
    private string Pods => $"/api/v1/namespaces/{ns}/pods";

    /// <summary>Measures.</summary>
    /// <param name="startScheduler">Starts the scheduler once all Pods are there; null where one runs already, so that Pods are
    /// bound while they are created.</param>
    /// <returns>Null where nothing schedules.</returns>
    public async Task<Measurement?> MeasureAsync(Action? startScheduler)
    {
        await LoadGenerator.RunAsync(
            options.Nodes, BenchmarkOptions.AtOnce, options.Limit, i => client.SendAsync(
                HttpMethod.Post, "/api/v1/nodes", Objects.Node($"benchmark-{i}")));
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, Pods + "?limit=1"));
        string since = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        if (startScheduler is null && !await SchedulesAsync(since))
        {
            return null;
        }

        // With its own client: the load's requests and the events must not wait for each other in one connection.
        using var own = new ServerClient(client.Access);
        var bindings = new Bindings(own, Pods, "app=benchmark", "scheduled-", options.Pods);
        using var limit = new CancellationTokenSource();
        Task<double> bound = bindings.CountAsync(since, limit.Token);
        LoadResult created = await LoadGenerator.RunAsync(
            options.Pods, BenchmarkOptions.AtOnce, options.Limit, i => client.SendAsync(
                HttpMethod.Post, Pods, Objects.Pod($"scheduled-{i}", "default-scheduler")));
        limit.CancelAfter(options.Limit);
        long begun = Stopwatch.GetTimestamp();
        startScheduler?.Invoke();
        double seconds = await bound;
        int wanted = created.Count - created.Failed;
        return new Measurement(Catalog.Schedule, bindings.Count / seconds)
        {
            Count = bindings.Count,
            Failed = Math.Max(0, wanted - bindings.Count),
            Note = $"on {options.Nodes:N0} Nodes"
                + (startScheduler is null
                    ? ", while they were created"
                    : $"; all bound {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s after the scheduler's start")
                + (bindings.Reopened > 0 ? $"; watch opened again {bindings.Reopened} times" : ""),
        };
    }

    /// <summary>Removes the Nodes.</summary>
    public Task CleanUpAsync() => client.SendAsync(HttpMethod.Delete, "/api/v1/nodes?labelSelector=benchmark%3Dyes");

    /// <summary>Whether anyone takes up a Pod within five seconds.</summary>
    private async Task<bool> SchedulesAsync(string since)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var probe = new Bindings(client, Pods, "app=benchmark", "probe", 1);
        await client.ReadAsync(HttpMethod.Post, Pods, Objects.Pod("probe", "default-scheduler"));
        await probe.CountAsync(since, patience.Token);
        await client.SendAsync(HttpMethod.Delete, $"{Pods}/probe?gracePeriodSeconds=0");
        return probe.Count > 0;
    }
}
