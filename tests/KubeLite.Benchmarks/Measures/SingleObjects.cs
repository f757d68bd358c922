using System.Text;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Measures;

/// <summary>Creates, reads and patches of single objects, 32 at once.</summary>
public sealed class SingleObjects(ServerClient client, BenchmarkOptions options, string ns)
{
    private const int Leases = 500;

    private string Pods => $"/api/v1/namespaces/{ns}/pods";

    /// <summary>Has the code of both sides compiled, so that what is measured is how it runs, not how it begins.</summary>
    public async Task WarmUpAsync()
    {
        await LoadGenerator.RunAsync(options.WarmUp, BenchmarkOptions.AtOnce, options.Limit, async i =>
        {
            string pod = $"{Pods}/warm-{i}";
            await client.SendAsync(HttpMethod.Post, Pods, Objects.Pod($"warm-{i}", "nobody"));
            await client.SendAsync(HttpMethod.Get, pod);
            await client.SendAsync(HttpMethod.Patch, pod + "/status", Condition(true, i), "application/strategic-merge-patch+json");
            return await client.SendAsync(HttpMethod.Delete, pod);
        });
    }

    /// <summary>Creates the Pods that the other measures use.</summary>
    public Task<LoadResult> CreatePodsAsync() => LoadGenerator.RunAsync(
        options.Pods, BenchmarkOptions.AtOnce, options.Limit,
        i => client.SendAsync(HttpMethod.Post, Pods, Objects.Pod($"pod-{i}", "nobody")));

    /// <summary>Reads one Pod after the other.</summary>
    public Task<LoadResult> GetPodsAsync() => LoadGenerator.RunAsync(
        options.Requests, BenchmarkOptions.AtOnce, options.Limit,
        i => client.SendAsync(HttpMethod.Get, $"{Pods}/pod-{i % options.Pods}"));

    /// <summary>Patches the status of Pods as kubelets do.</summary>
    public Task<LoadResult> PatchStatusAsync() => LoadGenerator.RunAsync(
        options.Requests, BenchmarkOptions.AtOnce, options.Limit,
        i => client.SendAsync(
            HttpMethod.Patch, $"{Pods}/pod-{i % options.Pods}/status", Condition(i / options.Pods % 2 == 0, i),
            "application/strategic-merge-patch+json"));

    /// <summary>Renews Leases as kubelets do.</summary>
    public async Task<LoadResult> PatchLeasesAsync()
    {
        string path = $"/apis/coordination.k8s.io/v1/namespaces/{ns}/leases";
        await LoadGenerator.RunAsync(
            Leases, BenchmarkOptions.AtOnce, options.Limit, i => client.SendAsync(HttpMethod.Post, path, Objects.Lease($"lease-{i}")));
        return await LoadGenerator.RunAsync(
            options.Requests, BenchmarkOptions.AtOnce, options.Limit,
            i => client.SendAsync(
                HttpMethod.Patch, $"{path}/lease-{i % Leases}",
                Encoding.UTF8.GetBytes(
                    $$$$"""{"spec":{"renewTime":"2026-01-01T00:00:00.{{{{i % 1_000_000:000000}}}}Z"}}"""), "application/merge-patch+json"));
    }

    private static byte[] Condition(bool ready, int reason) => Encoding.UTF8.GetBytes(
        $$$$"""{"status":{"conditions":[{"type":"Ready","status":"{{{{(ready ? "True" : "False")}}}}","reason":"R{{{{reason}}}}"}]}}""");
}
