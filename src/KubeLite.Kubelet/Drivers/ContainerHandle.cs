namespace KubeLite.Kubelet.Drivers;

/// <summary>A container that the driver knows.</summary>
/// <param name="Id">Its identity with the runtime's scheme, for example <c>containerd://…</c>.</param>
/// <param name="ImageId">What the image name resolved to.</param>
public sealed record ContainerHandle(string Id, string ImageId);
