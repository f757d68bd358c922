using k8s.Models;
using KubeLite.ControllerManager.Pods;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The numbers of a roll-out (pkg/controller/deployment/util).</summary>
internal static class DeploymentMath
{
    internal static int Replicas(V1Deployment deployment) => deployment.Spec.Replicas ?? 1;

    internal static int Replicas(V1ReplicaSet set) => set.Spec.Replicas ?? 1;

    internal static bool IsRolling(V1Deployment deployment) => deployment.Spec.Strategy?.Type != "Recreate";

    internal static bool HasDeadline(V1Deployment deployment) =>
        deployment.Spec.ProgressDeadlineSeconds is { } seconds && seconds != int.MaxValue;

    /// <summary>Surge and unavailability in Pods; where both round to none, one may be unavailable so that it can move.</summary>
    internal static (int Surge, int Unavailable) Fenceposts(V1Deployment deployment)
    {
        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = IntOrPercent.Resolve(rolling?.MaxSurge, Replicas(deployment), roundUp: true, 0);
        var unavailable = IntOrPercent.Resolve(rolling?.MaxUnavailable, Replicas(deployment), roundUp: false, 0);
        return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable);
    }

    internal static int MaxSurge(V1Deployment deployment) => IsRolling(deployment) ? Fenceposts(deployment).Surge : 0;

    internal static int MaxUnavailable(V1Deployment deployment) =>
        !IsRolling(deployment) || Replicas(deployment) == 0 ? 0 : Math.Min(Fenceposts(deployment).Unavailable, Replicas(deployment));

    internal static int SumSpec(IEnumerable<V1ReplicaSet> sets) => sets.Sum(Replicas);

    internal static int SumAvailable(IEnumerable<V1ReplicaSet> sets) => sets.Sum(s => s.Status?.AvailableReplicas ?? 0);

    /// <summary>How large the new set may be now.</summary>
    internal static int NewSetReplicas(V1Deployment deployment, IReadOnlyList<V1ReplicaSet> all, int current)
    {
        if (!IsRolling(deployment))
        {
            return Replicas(deployment);
        }
        var total = SumSpec(all);
        var most = Replicas(deployment) + MaxSurge(deployment);
        return total >= most ? current : current + Math.Min(most - total, Replicas(deployment) - current);
    }

    internal static bool IsSaturated(V1Deployment deployment, V1ReplicaSet? set) =>
        set is not null && Replicas(set) == Replicas(deployment)
        && DeploymentAnnotations.Number(set.Metadata.Annotations, DeploymentAnnotations.DesiredReplicas) == Replicas(deployment)
        && (set.Status?.AvailableReplicas ?? 0) == Replicas(deployment);

    internal static bool IsComplete(V1Deployment deployment, V1DeploymentStatus status) =>
        (status.UpdatedReplicas ?? 0) == Replicas(deployment) && (status.Replicas ?? 0) == Replicas(deployment)
        && (status.AvailableReplicas ?? 0) == Replicas(deployment)
        && (status.ObservedGeneration ?? 0) >= (deployment.Metadata.Generation ?? 0);

    internal static bool IsProgressing(V1DeploymentStatus old, V1DeploymentStatus status) =>
        (status.UpdatedReplicas ?? 0) > (old.UpdatedReplicas ?? 0)
        || (status.Replicas ?? 0) - (status.UpdatedReplicas ?? 0) < (old.Replicas ?? 0) - (old.UpdatedReplicas ?? 0)
        || (status.ReadyReplicas ?? 0) > (old.ReadyReplicas ?? 0)
        || (status.AvailableReplicas ?? 0) > (old.AvailableReplicas ?? 0);

    /// <summary>
    /// What one set takes of a scaling that goes to all in proportion to their sizes, never past what
    /// is left of it.
    /// </summary>
    internal static int Proportion(V1ReplicaSet set, V1Deployment deployment, int toAdd, int added)
    {
        if (Replicas(set) == 0 || toAdd == 0 || toAdd == added)
        {
            return 0;
        }
        var size = Fraction(set, deployment);
        var allowed = toAdd - added;
        return toAdd > 0 ? Math.Min(size, allowed) : Math.Max(size, allowed);
    }

    private static int Fraction(V1ReplicaSet set, V1Deployment deployment)
    {
        if (Replicas(deployment) == 0)
        {
            return -Replicas(set);
        }
        var now = Replicas(deployment) + MaxSurge(deployment);
        var before = DeploymentAnnotations.Number(set.Metadata.Annotations, DeploymentAnnotations.MaxReplicas);
        var exact = before is > 0
            ? Replicas(set) * (double)now / before.Value
            : Replicas(set) * (double)now / Math.Max(1, set.Status?.Replicas ?? 1);
        return (int)Math.Round(exact, MidpointRounding.AwayFromZero) - Replicas(set);
    }
}
