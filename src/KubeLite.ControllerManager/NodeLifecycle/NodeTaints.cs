using k8s.Models;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>The taints that follow from a node's conditions and from its being cordoned.</summary>
internal static class NodeTaints
{
    internal const string NotReady = "node.kubernetes.io/not-ready";
    internal const string Unreachable = "node.kubernetes.io/unreachable";

    private static readonly (string Condition, string Status, string Taint)[] s_byCondition =
    [
        ("Ready", "False", NotReady),
        ("Ready", "Unknown", Unreachable),
        ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
        ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
        ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
        ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
    ];

    /// <summary>All taints the node should have, or null where it has them; taints of others stay as they are.</summary>
    internal static List<V1Taint>? Wanted(V1Node node, DateTime now)
    {
        var taints = new List<V1Taint>(node.Spec?.Taints ?? []);
        var changed = false;
        foreach (var (type, status, key) in s_byCondition)
        {
            var holds = NodeHealth.Condition(node, type)?.Status == status;
            changed |= Set(taints, key, "NoSchedule", holds, null);
            if (type == "Ready")
            {
                // These two drive Pods away, counted from when they were added.
                changed |= Set(taints, key, "NoExecute", holds, now);
            }
        }
        changed |= Set(taints, "node.kubernetes.io/unschedulable", "NoSchedule", node.Spec?.Unschedulable == true, null);
        return changed ? taints : null;
    }

    private static bool Set(List<V1Taint> taints, string key, string effect, bool holds, DateTime? added)
    {
        var index = taints.FindIndex(t => t.Key == key && t.Effect == effect);
        if (holds == index >= 0)
        {
            return false;
        }
        if (holds)
        {
            taints.Add(new V1Taint { Key = key, Effect = effect, TimeAdded = added });
        }
        else
        {
            taints.RemoveAt(index);
        }
        return true;
    }
}
