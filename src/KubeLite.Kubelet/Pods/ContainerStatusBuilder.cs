using k8s.Models;
using KubeLite.Kubelet.Drivers;

namespace KubeLite.Kubelet.Pods;

/// <summary>Makes the status of a container.</summary>
internal static class ContainerStatusBuilder
{
    /// <summary>What the API should say of the container.</summary>
    public static V1ContainerStatus Build(V1Pod pod, ContainerRecord container) => new()
    {
        Name = container.Name,
        Image = container.Image,
        ImageID = container.ImageId ?? "",
        ContainerID = container.Id,
        Ready = IsReady(container),
        Started = container.Phase == ContainerPhase.Running,
        RestartCount = container.RestartCount,
        State = State(pod, container),
        LastState = LastState(container),
        Resources = container.Spec?.Resources is { } resources && (resources.Requests is not null || resources.Limits is not null)
            ? resources
            : null,
        AllocatedResources = container.Spec?.Resources?.Requests,
    };

    /// <summary>A container that ran to its end is ready if it is an init container that ended well.</summary>
    private static bool IsReady(ContainerRecord container) => container.Kind switch
    {
        ContainerKind.Init => container is { Phase: ContainerPhase.Ended, Ended.ExitCode: 0 },
        ContainerKind.Ephemeral => false,
        _ => container is { Phase: ContainerPhase.Running, Ready: true },
    };

    private static V1ContainerState State(V1Pod pod, ContainerRecord container) => container.Phase switch
    {
        ContainerPhase.Running => new V1ContainerState
        {
            Running = new V1ContainerStateRunning { StartedAt = container.StartedAt },
        },
        ContainerPhase.Ended when container.WaitingFor is { } waiting => new V1ContainerState { Waiting = waiting },
        ContainerPhase.Ended => new V1ContainerState { Terminated = container.Ended },
        _ => new V1ContainerState { Waiting = container.WaitingFor ?? Queued(pod, container) },
    };

    private static V1ContainerState? LastState(ContainerRecord container)
    {
        // While it waits to be started again, its latest end is its last state.
        var last = container is { Phase: ContainerPhase.Ended, WaitingFor: not null } ? container.Ended : container.EndedBefore;
        return last is null ? new V1ContainerState() : new V1ContainerState { Terminated = last };
    }

    private static V1ContainerStateWaiting Queued(V1Pod pod, ContainerRecord container) => new()
    {
        Reason = container.Kind != ContainerKind.Ephemeral && pod.Spec.InitContainers is { Count: > 0 }
            ? "PodInitializing"
            : "ContainerCreating",
    };
}
