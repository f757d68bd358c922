using k8s.Models;
using KubeLite.ControllerRuntime.Informers;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>The index of Pods by the node they are on.</summary>
internal static class PodsByNode
{
    internal const string Index = "node";

    internal static IEnumerable<string> Keys(CachedObject<V1Pod> pod) => pod.NodeName() is { Length: > 0 } node ? [node] : [];
}
