namespace KubeLite.Kubelet.Drivers;

/// <summary>The surroundings that the containers of a Pod share.</summary>
/// <param name="Id">The driver's identity of it.</param>
/// <param name="Address">The Pod's IP address.</param>
public sealed record PodSandbox(string Id, string Address);
