using System.Text;
using KubeLite.Benchmarks.Load;

namespace KubeLite.Benchmarks.Measures;

/// <summary>
/// Many Nodes that tell that they are alive as kubelets do: each updates its Lease every 10 s and patches its status every 5 min.
/// </summary>
public sealed class Heartbeats(ServerClient client, int nodes)
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    private const double LeasePeriod = 10, StatusPeriod = 300;

    private readonly string[] _revisions = new string[nodes];

    /// <summary>The name of a Node.</summary>
    public static string Node(int number) => $"node-{number}";

    /// <summary>Creates the Nodes and their Leases.</summary>
    public async Task RegisterAsync(TimeSpan limit)
    {
        LoadResult made = await LoadGenerator.RunAsync(nodes, BenchmarkOptions.AtOnce, limit, async i =>
        {
            await client.SendAsync(HttpMethod.Post, "/api/v1/nodes", Objects.Node(Node(i)));
            byte[] lease = await client.ReadAsync(HttpMethod.Post, Leases, Objects.Lease(Node(i)));
            _revisions[i] = Revision(lease);
            return lease.Length;
        });
        if (made.Count < nodes)
        {
            throw new TimeoutException($"only {made.Count} of {nodes} Nodes were registered");
        }
    }

    /// <summary>The updates of Leases, from all Nodes evenly.</summary>
    public Task<LoadResult> RenewAsync(TimeSpan duration, CancellationToken stop)
    {
        double rate = nodes / LeasePeriod;
        return new PacedLoad(rate, (int)(rate * duration.TotalSeconds) + 1).RunAsync(i => RenewAsync(i % nodes), stop);
    }

    /// <summary>The patches of status, from all Nodes evenly.</summary>
    public Task<LoadResult> TellStatusAsync(TimeSpan duration, CancellationToken stop)
    {
        double rate = nodes / StatusPeriod;
        return new PacedLoad(rate, (int)(rate * duration.TotalSeconds) + 1).RunAsync(
            i => client.SendAsync(
                HttpMethod.Patch, $"/api/v1/nodes/{Node(i % nodes)}/status",
                Encoding.UTF8.GetBytes(
                    $$$"""{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","lastHeartbeatTime":"{{{Now}}}"}]}}"""),
                "application/strategic-merge-patch+json"),
            stop);
    }

    private static string Now => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<long> RenewAsync(int node)
    {
        byte[] lease = Encoding.UTF8.GetBytes($$$"""
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{{Node(node)}}}","resourceVersion":"{{{_revisions[node]}}}"},"spec":{"holderIdentity":"{{{Node(node)}}}","leaseDurationSeconds":40,"renewTime":"{{{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.ffffffZ}}}"}}
            """);
        try
        {
            byte[] answer = await client.ReadAsync(HttpMethod.Put, $"{Leases}/{Node(node)}", lease);
            _revisions[node] = Revision(answer);
            return answer.Length;
        }
        catch (HttpRequestException)
        {
            return -1;
        }
    }

    private static string Revision(ReadOnlySpan<byte> answer)
    {
        ReadOnlySpan<byte> key = "\"resourceVersion\":\""u8;
        ReadOnlySpan<byte> rest = answer[(answer.IndexOf(key) + key.Length)..];
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)'"')]);
    }
}
