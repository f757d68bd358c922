using k8s.Models;

namespace KubeLite.Kubelet.Pods;

/// <summary>Whether the API already says what it should, so that nothing is written in vain.</summary>
internal static class PodStatusComparer
{
    /// <summary>Whether everything in <paramref name="wanted"/> stands in <paramref name="present"/>.</summary>
    public static bool IsIn(V1PodStatus wanted, V1PodStatus? present) =>
        present is not null
        && wanted.Phase == present.Phase
        && wanted.Reason == Filled(present.Reason)
        && wanted.Message == Filled(present.Message)
        && wanted.HostIP == Filled(present.HostIP)
        && wanted.PodIP == Filled(present.PodIP)
        && wanted.ObservedGeneration == present.ObservedGeneration
        && present.StartTime is not null
        && Conditions(wanted.Conditions, present.Conditions)
        && Containers(wanted.InitContainerStatuses, present.InitContainerStatuses)
        && Containers(wanted.ContainerStatuses, present.ContainerStatuses)
        && Containers(wanted.EphemeralContainerStatuses, present.EphemeralContainerStatuses);

    private static bool Conditions(IList<V1PodCondition> wanted, IList<V1PodCondition>? present)
    {
        foreach (var condition in wanted)
        {
            var found = false;
            foreach (var other in present ?? [])
            {
                found |= other.Type == condition.Type && other.Status == condition.Status
                    && Filled(other.Reason) == condition.Reason && Filled(other.Message) == condition.Message
                    && (condition.Type == "PodScheduled" || other.ObservedGeneration == condition.ObservedGeneration);
            }

            if (!found)
            {
                return false;
            }
        }

        return true;
    }

    private static bool Containers(IList<V1ContainerStatus>? wanted, IList<V1ContainerStatus>? present)
    {
        if ((wanted?.Count ?? 0) != (present?.Count ?? 0))
        {
            return false;
        }

        for (var i = 0; i < (wanted?.Count ?? 0); i++)
        {
            if (!Same(wanted![i], present![i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Same(V1ContainerStatus a, V1ContainerStatus b) =>
        a.Name == b.Name && a.Image == b.Image && a.ImageID == (b.ImageID ?? "") && a.ContainerID == Filled(b.ContainerID)
        && a.Ready == b.Ready && a.Started == (b.Started ?? false) && a.RestartCount == b.RestartCount
        && Same(a.State, b.State) && Same(a.LastState, b.LastState);

    private static bool Same(V1ContainerState? a, V1ContainerState? b) =>
        a?.Running is null == b?.Running is null
        && a?.Waiting?.Reason == b?.Waiting?.Reason
        && a?.Waiting?.Message == Filled(b?.Waiting?.Message)
        && a?.Terminated is null == b?.Terminated is null
        && (a?.Terminated is not { } ended
        || (ended.ExitCode == b!.Terminated.ExitCode && ended.ContainerID == Filled(b.Terminated.ContainerID)));

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
