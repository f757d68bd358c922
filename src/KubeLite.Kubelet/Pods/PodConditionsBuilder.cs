using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Kubelet.Drivers;

namespace KubeLite.Kubelet.Pods;

/// <summary>Makes the kubelet's conditions of a Pod (pkg/kubelet/status <c>generate</c>).</summary>
internal static class PodConditionsBuilder
{
    /// <summary>PodReadyToStartContainers, Initialized, Ready, ContainersReady and PodScheduled.</summary>
    public static List<V1PodCondition> Build(
        V1Pod pod, IReadOnlyList<ContainerRecord> containers, string phase, bool hasSandbox, DateTime now)
    {
        var containersReady = ContainersReady(containers, phase);
        return
        [
            Condition(pod, "PodReadyToStartContainers", (hasSandbox && phase is not ("Succeeded" or "Failed"), null, null), now),
            Condition(pod, "Initialized", Initialized(containers, phase), now),
            Condition(pod, "Ready", Ready(pod, containersReady), now),
            Condition(pod, "ContainersReady", containersReady, now),
            Condition(pod, "PodScheduled", (true, null, null), now),
        ];
    }

    private static (bool, string?, string?) Initialized(IReadOnlyList<ContainerRecord> containers, string phase)
    {
        var incomplete = Names(containers, container =>
            container.Kind is ContainerKind.Init or ContainerKind.Sidecar && !PodStatusBuilder.IsInitialized(container));
        if (phase == "Succeeded")
        {
            return (true, "PodCompleted", null);
        }

        return incomplete.Length == 0
            ? (true, null, null)
            : (false, "ContainersNotInitialized", $"containers with incomplete status: [{incomplete}]");
    }

    private static (bool, string?, string?) ContainersReady(IReadOnlyList<ContainerRecord> containers, string phase)
    {
        if (phase is "Succeeded" or "Failed")
        {
            return (false, phase == "Succeeded" ? "PodCompleted" : "PodFailed", null);
        }

        var unready = Names(containers, container =>
            container.Kind is ContainerKind.Main or ContainerKind.Sidecar
            && container is not { Phase: ContainerPhase.Running, Ready: true });
        return unready.Length == 0
            ? (true, null, null)
            : (false, "ContainersNotReady", $"containers with unready status: [{unready}]");
    }

    private static (bool, string?, string?) Ready(V1Pod pod, (bool Status, string? Reason, string? Message) containers)
    {
        if (!containers.Status)
        {
            return containers;
        }

        var complaints = new List<string>();
        foreach (var gate in pod.Spec.ReadinessGates ?? [])
        {
            var condition = PodConditions.Find(pod, gate.ConditionType);
            if (condition is null)
            {
                complaints.Add($"corresponding condition of pod readiness gate \"{gate.ConditionType}\" does not exist.");
            }
            else if (condition.Status != "True")
            {
                complaints.Add($"the status of pod readiness gate \"{gate.ConditionType}\" is not \"True\", but {condition.Status}");
            }
        }

        return complaints.Count == 0 ? (true, null, null) : (false, "ReadinessGatesNotReady", string.Join(", ", complaints));
    }

    /// <summary>Keeps the time of the last transition while the condition's status stays.</summary>
    private static V1PodCondition Condition(V1Pod pod, string type, (bool Status, string? Reason, string? Message) value, DateTime now)
    {
        var status = value.Status ? "True" : "False";
        var present = PodConditions.Find(pod, type);
        return new V1PodCondition
        {
            Type = type,
            ObservedGeneration = pod.Metadata.Generation,
            Status = status,
            Reason = value.Reason,
            Message = value.Message,
            LastTransitionTime = present?.Status == status ? present.LastTransitionTime : now,
        };
    }

    private static string Names(IReadOnlyList<ContainerRecord> containers, Predicate<ContainerRecord> selected)
    {
        var names = new List<string>();
        foreach (var container in containers)
        {
            if (selected(container))
            {
                names.Add(container.Name);
            }
        }

        return string.Join(' ', names);
    }
}
