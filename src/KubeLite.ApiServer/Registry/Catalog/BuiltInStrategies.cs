using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Namespaces;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The strategies of all built-in resources.</summary>
public static class BuiltInStrategies
{
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private const string Resource = "resource.k8s.io";
    private const string Flow = "flowcontrol.apiserver.k8s.io";

    /// <summary>The catalog with every kind that has something of its own.</summary>
    public static StrategyCatalog Make(ApiServerOptions options, ServiceAllocator allocator)
    {
        var rbac = new ResourceStrategy { NameRule = NameRules.Segment };
        var counted = new ResourceStrategy { TracksGeneration = true };
        return new StrategyCatalog()
            .Add("", "namespaces", new NamespaceStrategy())
            .Add("", "nodes", new NodeStrategy())
            .Add("", "pods", new PodStrategy(options.AllowPrivileged))
            .Add("", "services", new ServiceStrategy(allocator))
            .Add(Rbac, "roles", rbac)
            .Add(Rbac, "clusterroles", rbac)
            .Add(Rbac, "rolebindings", rbac)
            .Add(Rbac, "clusterrolebindings", rbac)
            .Add("apps", "deployments", counted)
            .Add("apps", "replicasets", counted)
            .Add("apps", "statefulsets", counted)
            .Add("apps", "daemonsets", counted);
    }
}
