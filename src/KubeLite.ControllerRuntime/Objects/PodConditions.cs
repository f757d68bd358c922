using k8s.Models;

namespace KubeLite.ControllerRuntime.Objects;

/// <summary>What a Pod's phase and conditions say (pkg/api/v1/pod).</summary>
public static class PodConditions
{
    /// <summary>The condition of a type, or null.</summary>
    public static V1PodCondition? Find(V1Pod pod, string type)
    {
        var conditions = pod.Status?.Conditions;
        for (var i = 0; i < (conditions?.Count ?? 0); i++)
        {
            if (conditions![i].Type == type)
            {
                return conditions[i];
            }
        }
        return null;
    }

    /// <summary>Whether the Pod's <c>Ready</c> condition is true.</summary>
    public static bool IsReady(V1Pod pod) => Find(pod, "Ready")?.Status == "True";

    /// <summary>Whether the Pod has been ready for a time.</summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="minReadySeconds">For how many seconds; 0 means that being ready is enough.</param>
    /// <param name="now">UTC.</param>
    public static bool IsAvailable(V1Pod pod, int minReadySeconds, DateTime now)
    {
        var ready = Find(pod, "Ready");
        return ready?.Status == "True"
            && (minReadySeconds == 0 || (ready.LastTransitionTime is { } since && since.AddSeconds(minReadySeconds) <= now));
    }

    /// <summary>Whether every container has ended for good.</summary>
    public static bool IsTerminal(V1Pod pod) => pod.Status?.Phase is "Succeeded" or "Failed";

    /// <summary>Whether the Pod neither ended nor is being deleted.</summary>
    public static bool IsActive(V1Pod pod) => !IsTerminal(pod) && pod.Metadata.DeletionTimestamp is null;
}
