using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Streaming;

/// <summary>Knows where the kubelet of a node answers, and what it can do.</summary>
public sealed class KubeletLocator(ResourceRegistry registry, ApiServerOptions options)
{
    private const int DefaultPort = 10250;

    // The gate's name in Kubernetes (KEP-4006); nodes declare it in their status.
    private const string StreamsWebSockets = "ExtendWebSocketsToKubelet";

    /// <summary>The kubelet with its address, of the first of the preferred types that the node has.</summary>
    /// <exception cref="ApiException">404: there is no such node; 500: it has no address.</exception>
    public async Task<Kubelet> FindAsync(string node, CancellationToken cancellationToken)
    {
        JsonMap found = await registry.FindNewestAsync("", "nodes", "", node, cancellationToken)
            ?? throw ApiException.NotFound("", "nodes", node);
        JsonMap? status = found.Map("status");
        List<JsonMap> addresses = [.. status?.List("addresses")?.Maps() ?? []];
        string? host = options.KubeletPreferredAddressTypes
            .Select(type => addresses.FirstOrDefault(a => a.String("type") == type)?.String("address"))
            .FirstOrDefault(address => address is { Length: > 0 });
        if (host is null)
        {
            throw ApiException.Bare(
                "no preferred addresses found; known addresses: " +
                    $"[{string.Join(' ', addresses.Select(a => $"{{{a.String("type")} {a.String("address")}}}"))}]");
        }

        long port = status?.Map("daemonEndpoints")?.Map("kubeletEndpoint")?.Integer("Port") ?? 0;
        return new Kubelet(
            new BackendAddress("https", host, port is > 0 and <= ushort.MaxValue ? (int)port : DefaultPort),
            status?.List("declaredFeatures")?.Contains(StreamsWebSockets) == true);
    }
}
