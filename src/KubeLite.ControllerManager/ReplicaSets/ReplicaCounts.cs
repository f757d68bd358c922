using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.ReplicaSets;

/// <summary>What the status of a ReplicaSet or ReplicationController counts.</summary>
/// <param name="Replicas">Active Pods.</param>
/// <param name="FullyLabeled">Those with every label of the template.</param>
/// <param name="Ready">Those that are ready.</param>
/// <param name="Available">Those ready for long enough.</param>
/// <param name="Terminating">Pods that are being deleted and haven't ended.</param>
public readonly record struct ReplicaCounts(int Replicas, int FullyLabeled, int Ready, int Available, int Terminating)
{
    /// <summary>Counts.</summary>
    /// <param name="active">Pods of the owner that run or will.</param>
    /// <param name="terminating">See <see cref="Terminating"/>.</param>
    /// <param name="template">The owner's template.</param>
    /// <param name="minReadySeconds">How long a Pod must be ready to be available.</param>
    /// <param name="now">UTC.</param>
    public static ReplicaCounts Of(
        IReadOnlyCollection<V1Pod> active, int terminating, V1PodTemplateSpec template, int minReadySeconds, DateTime now)
    {
        var (labeled, ready, available) = (0, 0, 0);
        foreach (var pod in active)
        {
            labeled += LabelSelectors.MatchesAll(template.Metadata?.Labels, pod.Metadata.Labels) ? 1 : 0;
            ready += PodConditions.IsReady(pod) ? 1 : 0;
            available += PodConditions.IsAvailable(pod, minReadySeconds, now) ? 1 : 0;
        }
        return new ReplicaCounts(active.Count, labeled, ready, available, terminating);
    }
}
