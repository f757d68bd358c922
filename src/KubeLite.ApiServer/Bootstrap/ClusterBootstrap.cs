using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>
/// Makes what every cluster has from its first moment: system namespaces, RBAC roles and bindings, priority classes, flow
/// control, the kubernetes Service, the kept ConfigMaps.
/// </summary>
public sealed class ClusterBootstrap(SystemWriter writer, ServiceNetwork network, IReadOnlyList<KeptConfigMap> kept)
{
    private static readonly string[] s_namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    private static readonly (string Group, string Resource)[] s_resources =
    [
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
        ("rbac.authorization.k8s.io", "roles"),
        ("rbac.authorization.k8s.io", "rolebindings"),
        ("scheduling.k8s.io", "priorityclasses"),
        ("flowcontrol.apiserver.k8s.io", "flowschemas"),
        ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ];

    /// <summary>Makes what is missing; leaves what is there.</summary>
    /// <param name="port">The server's port, once it is known.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task RunAsync(Task<int> port, CancellationToken cancellationToken)
    {
        await Task.WhenAll(s_namespaces.Select(name => writer.EnsureAsync("", "namespaces", Named(name), cancellationToken)));
        JsonMap objects = Load();
        var work = new List<Task>();
        foreach ((string group, string resource) in s_resources)
        {
            foreach (JsonMap obj in objects.List(resource)?.Maps() ?? [])
            {
                work.Add(writer.EnsureAsync(group, resource, obj, cancellationToken));
            }
        }

        work.Add(writer.EnsureAsync("networking.k8s.io", "servicecidrs", new JsonMap
        {
            { "metadata", new JsonMap { { "name", "kubernetes" } } },
            { "spec", new JsonMap { { "cidrs", new JsonList { network.Range.ToString() } } } },
        }, cancellationToken));
        work.Add(KubernetesServiceAsync(port, cancellationToken));
        work.AddRange(kept.Select(map => map.EnsureAsync(cancellationToken)));
        await Task.WhenAll(work);
    }

    /// <summary>The objects that a cluster begins with, lists by resource.</summary>
    public static JsonMap Load()
    {
        using Stream stream = typeof(ClusterBootstrap).Assembly.GetManifestResourceStream("bootstrap-objects.json")!;
        using var text = new MemoryStream();
        stream.CopyTo(text);
        return JsonReading.ReadMap(text.ToArray());
    }

    private async Task KubernetesServiceAsync(Task<int> port, CancellationToken cancellationToken)
    {
        long target = await port;
        await writer.EnsureAsync("", "services", new JsonMap
        {
            {
                "metadata", new JsonMap
                {
                    { "name", "kubernetes" },
                    { "namespace", "default" },
                    { "labels", new JsonMap { { "component", "apiserver" }, { "provider", "kubernetes" } } },
                }
            },
            {
                "spec", new JsonMap
                {
                    { "clusterIP", network.First.ToString() },
                    { "type", "ClusterIP" },
                    { "sessionAffinity", "None" },
                    { "ipFamilyPolicy", "SingleStack" },
                    { "ports", new JsonList
                    {
                        new JsonMap { { "name", "https" }, { "protocol", "TCP" }, { "port", 443L }, { "targetPort", target } },
                    } },
                }
            },
        }, cancellationToken);
    }

    private static JsonMap Named(string name) => new() { { "metadata", new JsonMap { { "name", name } } } };
}
