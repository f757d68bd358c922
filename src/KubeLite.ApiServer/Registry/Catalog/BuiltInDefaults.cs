using KubeLite.ApiServer.Registry.Core.Namespaces;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Core.Services;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Catalog;

/// <summary>The defaults of all built-in types, each from its kind's folder.</summary>
public static class BuiltInDefaults
{
    /// <summary>A defaulter with every rule.</summary>
    public static Defaulter Make()
    {
        var defaulter = new Defaulter();
        defaulter.Add("io.k8s.api.core.v1.Namespace", NamespaceStrategy.Default);
        defaulter.Add("io.k8s.api.core.v1.NodeStatus", NodeStrategy.DefaultStatus);
        defaulter.Add("io.k8s.api.core.v1.Service", ServiceStrategy.Default);
        PodSpecDefaults.Register(defaulter);
        return defaulter;
    }
}
