using System.Globalization;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Pods;

/// <summary>
/// Orders Pods by how little their deletion hurts, least first: unassigned, pending, not ready, cheap by annotation,
/// sharing a node with many of their kind, ready only lately, often restarted, young (pkg/controller
/// <c>ActivePodsWithRanks</c>).
/// </summary>
public sealed class PodRanking(IReadOnlyDictionary<string, int> podsOnNode, DateTime now) : IComparer<V1Pod>
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>Counts, for each node, the active Pods among these.</summary>
    public static Dictionary<string, int> CountByNode(IEnumerable<V1Pod> pods)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (PodConditions.IsActive(pod) && pod.Spec.NodeName is { Length: > 0 } node)
            {
                counts[node] = counts.GetValueOrDefault(node) + 1;
            }
        }
        return counts;
    }

    /// <inheritdoc/>
    public int Compare(V1Pod? x, V1Pod? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var order = Assigned(x).CompareTo(Assigned(y));
        order = order != 0 ? order : Phase(x).CompareTo(Phase(y));
        var (readyX, readyY) = (PodConditions.IsReady(x), PodConditions.IsReady(y));
        order = order != 0 ? order : readyX.CompareTo(readyY);
        order = order != 0 ? order : Cost(x).CompareTo(Cost(y));
        order = order != 0 ? order : OnNode(y).CompareTo(OnNode(x));
        if (order == 0 && readyX && readyY)
        {
            order = CompareAge(PodConditions.Find(x, "Ready")?.LastTransitionTime, PodConditions.Find(y, "Ready")?.LastTransitionTime);
        }
        order = order != 0 ? order : CompareRestarts(x, y);
        return order != 0 ? order : CompareAge(x.Metadata.CreationTimestamp, y.Metadata.CreationTimestamp);
    }

    private static int Assigned(V1Pod pod) => string.IsNullOrEmpty(pod.Spec.NodeName) ? 0 : 1;

    private static int Phase(V1Pod pod) => pod.Status?.Phase switch { "Pending" => 0, "Unknown" => 1, "Running" => 2, _ => 0 };

    private static int Cost(V1Pod pod) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(CostAnnotation, out var text)
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    private int OnNode(V1Pod pod) => pod.Spec.NodeName is { Length: > 0 } node ? podsOnNode.GetValueOrDefault(node) : 0;

    // Ages within one power of two count as the same, so that the youngest isn't always the victim.
    private int CompareAge(DateTime? x, DateTime? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1).CompareTo(y is null ? 0 : 1);
        }
        return Magnitude(now - x.Value).CompareTo(Magnitude(now - y.Value));
    }

    private static long Magnitude(TimeSpan age) => age <= TimeSpan.Zero ? 0 : (long)Math.Log2(age.TotalNanoseconds);

    private static int CompareRestarts(V1Pod x, V1Pod y)
    {
        var (a, b) = (Restarts(x), Restarts(y));
        return b.CompareTo(a);
    }

    private static int Restarts(V1Pod pod)
    {
        var most = 0;
        foreach (var status in pod.Status?.ContainerStatuses ?? [])
        {
            most = Math.Max(most, status.RestartCount);
        }
        return most;
    }
}
