using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Nodes;

namespace KubeLite.Kubelet.Pods;

/// <summary>Makes a Pod's status from its containers (pkg/kubelet <c>generateAPIPodStatus</c>).</summary>
internal static class PodStatusBuilder
{
    /// <summary>The status that the API should hold; conditions of others are not in it.</summary>
    /// <param name="pod">The Pod.</param>
    /// <param name="containers">Its containers, init containers first, each group in the Pod's order.</param>
    /// <param name="address">Its address; null before it has one.</param>
    /// <param name="startTime">When the kubelet first saw it.</param>
    /// <param name="outcome">Why the kubelet ended it; null when it did not.</param>
    /// <param name="terminating">Whether it is being ended.</param>
    /// <param name="now">The time of changes.</param>
    public static V1PodStatus Build(
        V1Pod pod,
        IReadOnlyList<ContainerRecord> containers,
        string? address,
        DateTime startTime,
        PodOutcome? outcome,
        bool terminating,
        DateTime now)
    {
        var phase = Phase(pod, containers, outcome, terminating);
        var status = new V1PodStatus
        {
            ObservedGeneration = pod.Metadata.Generation,
            Phase = phase,
            Reason = outcome?.Reason,
            Message = outcome?.Message,
            StartTime = startTime,
            HostIP = NodeIdentity.HostAddress,
            HostIPs = [new V1HostIP { Ip = NodeIdentity.HostAddress }],
            PodIP = address,
            PodIPs = address is null ? null : [new V1PodIP { Ip = address }],
            InitContainerStatuses = Statuses(pod, containers, ContainerKind.Init, ContainerKind.Sidecar),
            ContainerStatuses = Statuses(pod, containers, ContainerKind.Main, ContainerKind.Main),
            EphemeralContainerStatuses = Statuses(pod, containers, ContainerKind.Ephemeral, ContainerKind.Ephemeral),
        };
        status.Conditions = PodConditionsBuilder.Build(pod, containers, phase, address is not null, now);
        return status;
    }

    /// <summary>Whether every init container has done its part: ended well, or started if it is a sidecar.</summary>
    public static bool IsInitialized(ContainerRecord container) => container.Kind switch
    {
        ContainerKind.Init => container is { Phase: ContainerPhase.Ended, Ended.ExitCode: 0 },
        ContainerKind.Sidecar => container.Phase == ContainerPhase.Running || container.RestartCount > 0,
        _ => true,
    };

    private static string Phase(V1Pod pod, IReadOnlyList<ContainerRecord> containers, PodOutcome? outcome, bool terminating)
    {
        if (PodConditions.IsTerminal(pod))
        {
            return pod.Status.Phase;
        }

        var tally = new Tally();
        foreach (var container in containers)
        {
            tally.Count(pod, container, ending: terminating || outcome is not null);
        }

        if (terminating || outcome is not null)
        {
            return tally.Alive ? (tally.NotStarted || !tally.Initialized ? "Pending" : "Running")
                : tally.Failed || tally.NotStarted || outcome is not null ? "Failed" : "Succeeded";
        }

        if (!tally.Initialized)
        {
            return tally.Failed ? "Failed" : "Pending";
        }

        return tally.NotStarted ? "Pending" : tally.Alive ? "Running" : tally.Failed ? "Failed" : "Succeeded";
    }

    private static List<V1ContainerStatus>? Statuses(
        V1Pod pod, IReadOnlyList<ContainerRecord> containers, ContainerKind one, ContainerKind other)
    {
        List<V1ContainerStatus>? result = null;
        foreach (var container in containers)
        {
            if (container.Kind == one || container.Kind == other)
            {
                (result ??= []).Add(ContainerStatusBuilder.Build(pod, container));
            }
        }

        return result;
    }

    /// <summary>What the containers amount to.</summary>
    private struct Tally
    {
        public Tally()
        {
        }

        /// <summary>A container or sidecar runs or will run again.</summary>
        public bool Alive { get; private set; }

        /// <summary>A container has never run.</summary>
        public bool NotStarted { get; private set; }

        /// <summary>A container has failed for good.</summary>
        public bool Failed { get; private set; }

        /// <summary>Every init container has done its part.</summary>
        public bool Initialized { get; private set; } = true;

        public void Count(V1Pod pod, ContainerRecord container, bool ending)
        {
            if (container.Kind == ContainerKind.Ephemeral)
            {
                return;
            }

            Initialized &= IsInitialized(container);
            Alive |= container.IsAlive && (ending || container.Kind != ContainerKind.Init);
            if (container.Kind == ContainerKind.Sidecar)
            {
                return;
            }

            if (container is { Phase: ContainerPhase.Ended, Ended: { } ended })
            {
                var again = !ending && RestartRules.Restarts(pod, container, ended.ExitCode);
                Alive |= again && container.Kind == ContainerKind.Main;
                Failed |= !again && ended.ExitCode != 0;
            }
            else if (container is { Kind: ContainerKind.Main, Phase: not ContainerPhase.Running, EndedBefore: null })
            {
                NotStarted = true;
            }
        }
    }
}
