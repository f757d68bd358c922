using System.Diagnostics;
using System.Text;
using System.Text.Json;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Pods bound to Nodes a second, from the first binding to the last.</summary>
public sealed class Scheduling(ServerClient client, BenchmarkOptions options, string ns)
{
    private string Pods => $"/api/v1/namespaces/{ns}/pods";

    /// <summary>Measures.</summary>
    /// <param name="startScheduler">Starts the scheduler once all Pods are there; null where one runs already, so that Pods are bound while they are created.</param>
    /// <returns>Null where nothing schedules.</returns>
    public async Task<Measurement?> MeasureAsync(Action? startScheduler)
    {
        await LoadGenerator.RunAsync(
            "nodes", options.Nodes, BenchmarkOptions.AtOnce, options.Limit, i => client.SendAsync(HttpMethod.Post, "/api/v1/nodes", Objects.Node($"benchmark-{i}")));
        using JsonDocument list = JsonDocument.Parse(await client.ReadAsync(HttpMethod.Get, Pods + "?limit=1"));
        string since = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        using var limit = new CancellationTokenSource(options.Limit * 2);
        if (startScheduler is null && !await SchedulesAsync(since))
        {
            return null;
        }

        using var own = new ServerClient(client.Server, client.Token, client.Insecure);
        Stream stream = await own.StreamAsync($"{Pods}?watch=1&resourceVersion={since}&labelSelector=app%3Dbenchmark", limit.Token);
        Task<(int Bound, double Seconds)> bound = CountAsync(stream, limit.Token);
        await LoadGenerator.RunAsync(
            "pods", options.Pods, BenchmarkOptions.AtOnce, options.Limit, i => client.SendAsync(HttpMethod.Post, Pods, Objects.Pod($"scheduled-{i}", "default-scheduler")));
        startScheduler?.Invoke();
        (int count, double seconds) = await bound;
        return new Measurement($"schedule Pods on {options.Nodes:N0} Nodes")
        {
            Count = count,
            Failed = options.Pods - count,
            PerSecond = count / seconds,
            Value = startScheduler is null ? "while they were created" : null,
        };
    }

    /// <summary>Removes the Nodes.</summary>
    public Task CleanUpAsync() => client.SendAsync(HttpMethod.Delete, "/api/v1/nodes?labelSelector=benchmark%3Dyes");

    /// <summary>Whether anyone takes up a Pod within five seconds.</summary>
    private async Task<bool> SchedulesAsync(string since)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        Stream stream = await client.StreamAsync($"{Pods}?watch=1&resourceVersion={since}&fieldSelector=metadata.name%3Dprobe", patience.Token);
        await client.ReadAsync(HttpMethod.Post, Pods, Objects.Pod("probe", "default-scheduler"));
        using var reader = new StreamReader(stream);
        try
        {
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.Contains("\"nodeName\":", StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody did.
        }
        finally
        {
            await client.SendAsync(HttpMethod.Delete, $"{Pods}/probe?gracePeriodSeconds=0");
        }

        return false;
    }

    private async Task<(int Bound, double Seconds)> CountAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, false, 1 << 20);
        var bound = new HashSet<string>();
        long first = 0, last = 0;
        try
        {
            while (bound.Count < options.Pods && await reader.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line.Contains("\"nodeName\":", StringComparison.Ordinal) && Name(line) is { } name && name.StartsWith("scheduled-", StringComparison.Ordinal) && bound.Add(name))
                {
                    last = Stopwatch.GetTimestamp();
                    first = first == 0 ? last : first;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Time is up.
        }

        return (bound.Count, Math.Max(0.001, Stopwatch.GetElapsedTime(first, last).TotalSeconds));
    }

    private static string? Name(string line)
    {
        using JsonDocument parsed = JsonDocument.Parse(line);
        return parsed.RootElement.GetProperty("object").GetProperty("metadata").GetProperty("name").GetString();
    }
}
