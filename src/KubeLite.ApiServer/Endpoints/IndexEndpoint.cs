using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Discovery;
using KubeLite.ApiServer.Requests;
using KubeLite.ApiServer.Responses;

namespace KubeLite.ApiServer.Endpoints;

/// <summary>/: the paths that are served (apiserver's routes.Index).</summary>
public sealed class IndexEndpoint(DiscoveryEndpoint discovery, IReadOnlyList<HealthCheck> checks) : IPathEndpoint
{
    /// <inheritdoc />
    public async Task<bool> TryServeAsync(ApiRequest request)
    {
        if (request.Info.Path is not ("/" or "/index.html"))
        {
            return false;
        }

        var answer = new JsonMap { { "paths", new JsonList(Paths().Order(StringComparer.Ordinal)) } };
        await ObjectResponse.SendAsync(request, 200, answer, ResponseFormat.Json with { Pretty = true });
        return true;
    }

    private IEnumerable<string> Paths()
    {
        string[] own = ["/api", "/api/v1", "/apis", "/apis/", "/metrics", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"];
        IEnumerable<string> groups = discovery.Groups().Where(g => g.Group.Length > 0)
            .SelectMany(g => g.Versions.Select(v => $"/apis/{g.Group}/{v}").Prepend($"/apis/{g.Group}"));
        IEnumerable<string> health = ((string[])["healthz", "livez", "readyz"])
            .SelectMany(e => checks.Where(c => e == "readyz" || !c.ReadinessOnly).Select(c => $"/{e}/{c.Name}").Prepend($"/{e}"));
        return [.. own, .. groups, .. health];
    }
}
