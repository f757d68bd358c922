using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Peers;

/// <summary>The Endpoints and the EndpointSlice <c>default/kubernetes</c>, by which pods find the API servers (Kubernetes v1.36,
/// <c>controlplane/reconcilers/endpointsadapter.go</c>). Safe for concurrent use, by several servers too.</summary>
public sealed class KubernetesEndpoints(SystemWriter writer, int port)
{
    private const string Namespace = "default", Name = "kubernetes";

    /// <summary>Makes both name these addresses; writes nothing where they do.</summary>
    /// <exception cref="ApiMachinery.Errors.ApiException">A write is refused or the store fails.</exception>
    public async Task SetAsync(IReadOnlyList<string> addresses, CancellationToken cancellationToken)
    {
        await SetAsync("", "endpoints", "v1", endpoints =>
        {
            endpoints.MapAt("metadata")["labels"] = new JsonMap { { "endpointslice.kubernetes.io/skip-mirror", "true" } };
            endpoints["subsets"] = new JsonList
            {
                new JsonMap
                {
                    { "addresses", new JsonList([.. addresses.Select(a => new JsonMap { { "ip", a } })]) },
                    { "ports", Ports() },
                },
            };
        }, cancellationToken);
        await SetAsync("discovery.k8s.io", "endpointslices", "discovery.k8s.io/v1", slice =>
        {
            slice.MapAt("metadata")["labels"] = new JsonMap { { "kubernetes.io/service-name", Name } };
            slice["addressType"] = "IPv4";
            slice["endpoints"] = new JsonList(
                [.. addresses.Select(
                    a => new JsonMap { { "addresses", new JsonList { a } }, { "conditions", new JsonMap { { "ready", true } } } })]);
            slice["ports"] = Ports();
        }, cancellationToken);
    }

    private JsonList Ports() => [new JsonMap { { "name", "https" }, { "protocol", "TCP" }, { "port", (long)port } }];

    private async Task SetAsync(string group, string resource, string apiVersion, Action<JsonMap> set, CancellationToken cancellationToken)
    {
        var created =
            new JsonMap { { "apiVersion", apiVersion }, { "metadata", new JsonMap { { "name", Name }, { "namespace", Namespace } } } };
        set(created);
        if (!await writer.EnsureAsync(group, resource, created, cancellationToken))
        {
            await writer.UpdateAsync(group, resource, Namespace, Name, "", set, cancellationToken);
        }
    }
}
