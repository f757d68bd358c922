using KubeLite.ApiServer.Registry.Core.Namespaces;
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
        return defaulter;
    }
}
