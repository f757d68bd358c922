using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>Works out and writes the status of a Deployment.</summary>
internal static class RolloutStatus
{
    /// <summary>Writes the numbers and the Available condition, if they changed.</summary>
    internal static async Task WriteAsync(Rollout rollout, CancellationToken cancellationToken) =>
        await WriteAsync(rollout, Calculate(rollout), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// As <see cref="WriteAsync(Rollout, CancellationToken)"/>, with how the roll-out gets on; comes back when its deadline is due.
    /// </summary>
    internal static async Task<ReconcileResult> ProgressAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var status = Calculate(rollout);
        if (!DeploymentMath.HasDeadline(deployment))
        {
            DeploymentConditions.Remove(status, DeploymentConditions.Progressing);
        }
        var current = DeploymentConditions.Find(deployment.Status, DeploymentConditions.Progressing);
        var settled = status.Replicas == status.UpdatedReplicas && current?.Reason == "NewReplicaSetAvailable";
        if (DeploymentMath.HasDeadline(deployment) && !settled)
        {
            SetProgress(rollout, status, current);
        }
        if (Failure(rollout) is { } failure)
        {
            DeploymentConditions.Set(status, failure);
        }
        else
        {
            DeploymentConditions.Remove(status, DeploymentConditions.ReplicaFailure);
        }
        await WriteAsync(rollout, status, cancellationToken).ConfigureAwait(false);
        return NextCheck(rollout, status);
    }

    private static async Task WriteAsync(Rollout rollout, V1DeploymentStatus status, CancellationToken cancellationToken)
    {
        if (status.Conditions is { Count: 0 })
        {
            status.Conditions = null;
        }
        if (JsonCompare.Same(rollout.Deployment.Status, status))
        {
            return;
        }
        rollout.Deployment.Status = status;
        await rollout.WriteStatusAsync(cancellationToken).ConfigureAwait(false);
    }

    private static V1DeploymentStatus Calculate(Rollout rollout)
    {
        var deployment = rollout.Deployment;
        var all = rollout.All;
        var available = DeploymentMath.SumAvailable(all);
        var status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = Counts.OrNull(all.Sum(s => s.Status?.Replicas ?? 0)),
            UpdatedReplicas = Counts.OrNull(rollout.NewSet?.Status?.Replicas ?? 0),
            ReadyReplicas = Counts.OrNull(all.Sum(s => s.Status?.ReadyReplicas ?? 0)),
            AvailableReplicas = Counts.OrNull(available),
            UnavailableReplicas = Counts.OrNull(Math.Max(0, DeploymentMath.SumSpec(all) - available)),
            TerminatingReplicas = all.Sum(s => s.Status?.TerminatingReplicas ?? 0),
            CollisionCount = deployment.Status.CollisionCount,
            Conditions = [.. deployment.Status.Conditions ?? []],
        };
        DeploymentConditions.Set(status, available >= DeploymentMath.Replicas(deployment) - DeploymentMath.MaxUnavailable(deployment)
            ? DeploymentConditions.New(
                DeploymentConditions.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", rollout.Now)
            : DeploymentConditions.New(
                DeploymentConditions.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.",
                rollout.Now));
        return status;
    }

    private static void SetProgress(Rollout rollout, V1DeploymentStatus status, V1DeploymentCondition? current)
    {
        var deployment = rollout.Deployment;
        var subject = rollout.NewSet is { } set ? $"ReplicaSet \"{set.Metadata.Name}\"" : $"Deployment \"{deployment.Metadata.Name}\"";
        if (DeploymentMath.IsComplete(deployment, status))
        {
            DeploymentConditions.Set(status, DeploymentConditions.New(
                DeploymentConditions.Progressing, "True", "NewReplicaSetAvailable", subject + " has successfully progressed.",
                rollout.Now));
        }
        else if (DeploymentMath.IsProgressing(deployment.Status, status))
        {
            var condition = DeploymentConditions.New(
                DeploymentConditions.Progressing, "True", "ReplicaSetUpdated", subject + " is progressing.", rollout.Now);
            if (current?.Status == "True")
            {
                condition.LastTransitionTime = current.LastTransitionTime;
            }
            // Every progress moves the deadline, so that the condition is written anew.
            DeploymentConditions.Remove(status, DeploymentConditions.Progressing);
            DeploymentConditions.Set(status, condition);
        }
        else if (TimedOut(rollout, current))
        {
            DeploymentConditions.Set(status, DeploymentConditions.New(
                DeploymentConditions.Progressing, "False", "ProgressDeadlineExceeded", subject + " has timed out progressing.",
                rollout.Now));
        }
    }

    private static bool TimedOut(Rollout rollout, V1DeploymentCondition? current)
    {
        if (current is null || current.Reason == "NewReplicaSetAvailable" || rollout.Deployment.Spec.Paused == true)
        {
            return false;
        }
        return current.Reason == "ProgressDeadlineExceeded"
            || (current.LastUpdateTime ?? DateTime.MaxValue.AddYears(-100)).AddSeconds(
                rollout.Deployment.Spec.ProgressDeadlineSeconds ?? 0) < rollout.Now;
    }

    private static ReconcileResult NextCheck(Rollout rollout, V1DeploymentStatus status)
    {
        var current = DeploymentConditions.Find(status, DeploymentConditions.Progressing);
        if (current is null || !DeploymentMath.HasDeadline(rollout.Deployment) || DeploymentMath.IsComplete(rollout.Deployment, status)
            || current.Reason is "ProgressDeadlineExceeded" or "NewReplicaSetAvailable")
        {
            return ReconcileResult.Done;
        }
        var due = (current.LastUpdateTime ?? rollout.Now).AddSeconds(rollout.Deployment.Spec.ProgressDeadlineSeconds ?? 0) - rollout.Now;
        return ReconcileResult.After((due > TimeSpan.Zero ? due : TimeSpan.Zero) + TimeSpan.FromSeconds(1));
    }

    private static V1DeploymentCondition? Failure(Rollout rollout)
    {
        var sets = rollout.NewSet is { } set ? rollout.OldSets.Prepend(set) : rollout.OldSets;
        foreach (var condition in sets.SelectMany(s => s.Status?.Conditions ?? []))
        {
            if (condition.Type == "ReplicaFailure")
            {
                return DeploymentConditions.New(
                    DeploymentConditions.ReplicaFailure, condition.Status, condition.Reason, condition.Message, rollout.Now);
            }
        }
        return null;
    }
}
