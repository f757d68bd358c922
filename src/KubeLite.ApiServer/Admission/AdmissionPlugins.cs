using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>The default plugins in Kubernetes' order.</summary>
public static class AdmissionPlugins
{
    /// <summary>Makes the chain.</summary>
    public static AdmissionChain Make(ResourceRegistry registry)
    {
        return new AdmissionChain(
        [
            new NamespaceLifecycle(registry),
            new ServiceAccountPlugin(registry),
            new TaintNodesByCondition(),
            new PriorityPlugin(registry),
            new DefaultTolerationSeconds(),
            new DefaultStorageClass(registry),
            new StorageObjectInUseProtection(),
            new DefaultIngressClass(registry),
        ]);
    }
}
