using k8s.Models;

namespace KubeLite.ControllerRuntime.Informers;

/// <summary>What is known of a cached Pod before the whole of it is read.</summary>
public static class CachedPods
{
    // In the order of KnownFields.
    private const int Node = 0;
    private const int PodPhase = 1;

    /// <summary><c>spec.nodeName</c>; empty while the Pod is on none.</summary>
    public static string NodeName(this CachedObject<V1Pod> pod) => pod.Field(Node);

    /// <summary><c>status.phase</c>; empty where nobody has set it.</summary>
    public static string Phase(this CachedObject<V1Pod> pod) => pod.Field(PodPhase);

    /// <summary>Whether every container has ended for good.</summary>
    public static bool IsTerminal(this CachedObject<V1Pod> pod) => pod.Phase() is "Succeeded" or "Failed";
}
