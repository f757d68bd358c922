using KubeLite.ApiServer.Admission.PodSecurity;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>The default plugins in Kubernetes' order.</summary>
public static class AdmissionPlugins
{
    /// <summary>Makes the chain.</summary>
    /// <param name="registry">The other resources.</param>
    /// <param name="authorizer">Who may do what.</param>
    /// <param name="quotas">The plugin that counts; it is last, so that nothing counted is refused afterwards.</param>
    /// <param name="time">What plugins wait by.</param>
    public static AdmissionChain Make(
        ResourceRegistry registry, Authorizer authorizer, ResourceQuotaPlugin quotas, TimeProvider time) => new(
    [
        new NamespaceLifecycle(registry),
        new LimitRanger(registry),
        new ServiceAccountPlugin(registry, time),
        new TaintNodesByCondition(),
        new PodSecurityPlugin(registry),
        new PriorityPlugin(registry),
        new DefaultTolerationSeconds(),
        new RuntimeClassPlugin(registry),
        new DefaultStorageClass(registry),
        new StorageObjectInUseProtection(),
        new DefaultIngressClass(registry),
        new PersistentVolumeClaimResize(registry),
        new CertificatePlugins(authorizer),
        new RbacEscalation(authorizer),
        quotas,
    ]);
}
