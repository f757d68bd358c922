using k8s.Models;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>The index of Pods by the node they are on.</summary>
internal static class PodsByNode
{
    internal const string Index = "node";

    internal static IEnumerable<string> Keys(V1Pod pod) => string.IsNullOrEmpty(pod.Spec.NodeName) ? [] : [pod.Spec.NodeName];
}
