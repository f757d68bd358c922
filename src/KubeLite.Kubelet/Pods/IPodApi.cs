using k8s.Models;

namespace KubeLite.Kubelet.Pods;

/// <summary>What Pod workers tell the API server.</summary>
internal interface IPodApi
{
    /// <summary>Writes the kubelet's part of a Pod's status; a Pod that is gone is no error.</summary>
    Task WriteStatusAsync(V1Pod pod, V1PodStatus status, CancellationToken cancellationToken);

    /// <summary>Removes a Pod whose containers have ended, if it is still the same Pod.</summary>
    Task DeleteAsync(V1Pod pod, CancellationToken cancellationToken);
}
