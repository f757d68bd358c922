using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Aggregated discovery (KEP-3352): two requests for all groups, versions and resources. Thread-safe.</summary>
public sealed class DiscoveryClient
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

    private readonly ApiTransport _transport;

    internal DiscoveryClient(ApiTransport transport) => _transport = transport;

    /// <summary>Asks the server; nothing is cached.</summary>
    /// <exception cref="ApiStatusException">The server refused.</exception>
    public async Task<DiscoveryResult> DiscoverAsync(CancellationToken cancellationToken)
    {
        var preferred = new List<DiscoveredResource>();
        var all = new List<DiscoveredResource>();
        var failed = new List<string>();
        await AddAsync("/api", preferred, all, failed, cancellationToken).ConfigureAwait(false);
        await AddAsync("/apis", preferred, all, failed, cancellationToken).ConfigureAwait(false);
        return new DiscoveryResult(preferred, all, failed);
    }

    private async Task AddAsync(
        string path, List<DiscoveredResource> preferred, List<DiscoveredResource> all, List<string> failed,
        CancellationToken cancellationToken)
    {
        var groups = await _transport.SendAsync<V2APIGroupDiscoveryList>(HttpMethod.Get, path, null, Aggregated, cancellationToken)
            .ConfigureAwait(false);
        foreach (var group in groups.Items ?? [])
        {
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var version in group.Versions ?? [])
            {
                var name = group.Metadata?.Name ?? "";
                if (version.Freshness == "Stale")
                {
                    failed.Add(name.Length == 0 ? version.Version : name + "/" + version.Version);
                }
                foreach (var resource in version.Resources ?? [])
                {
                    var info = new ResourceInfo(
                        name, version.Version, resource.Resource, resource.ResponseKind?.Kind ?? "", resource.Scope == "Namespaced");
                    var found = new DiscoveredResource(info, [.. resource.Verbs ?? []]);
                    all.Add(found);
                    if (seen.Add(resource.Resource))
                    {
                        preferred.Add(found);
                    }
                }
            }
        }
    }
}
