using k8s.Models;

namespace KubeLite.Kubelet.Drivers;

/// <summary>A container to be started.</summary>
/// <param name="Pod">Its Pod; not to be changed.</param>
/// <param name="Name">Its name in the Pod.</param>
/// <param name="Image">The image that the Pod names.</param>
/// <param name="Kind">Its part in the Pod.</param>
/// <param name="Attempt">How often it was started before; 0 for the first time.</param>
public sealed record ContainerStart(V1Pod Pod, string Name, string Image, ContainerKind Kind, int Attempt);
