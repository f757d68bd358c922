using k8s.Models;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The Recreate strategy: the new set gets Pods only when no old one runs any more.</summary>
internal sealed class RecreateRollout(Rollout rollout, Func<V1ReplicaSet?, IReadOnlyList<V1ReplicaSet>, bool> oldPodsRun)
{
    internal async Task<ReconcileResult> RunAsync(CancellationToken cancellationToken)
    {
        await rollout.SyncRevisionAsync(create: false, cancellationToken).ConfigureAwait(false);
        var shrunk = false;
        foreach (var set in rollout.OldSets.FindAll(s => DeploymentMath.Replicas(s) > 0))
        {
            shrunk |= await rollout.ScaleSetAsync(set, 0, cancellationToken).ConfigureAwait(false);
        }
        if (shrunk || oldPodsRun(rollout.NewSet, rollout.OldSets))
        {
            return await RolloutStatus.ProgressAsync(rollout, cancellationToken).ConfigureAwait(false);
        }
        if (rollout.NewSet is null)
        {
            await rollout.SyncRevisionAsync(create: true, cancellationToken).ConfigureAwait(false);
        }
        if (rollout.NewSet is { } newSet)
        {
            await rollout.ScaleSetAsync(newSet, DeploymentMath.Replicas(rollout.Deployment), cancellationToken).ConfigureAwait(false);
        }
        if (DeploymentMath.IsComplete(rollout.Deployment, rollout.Deployment.Status))
        {
            await rollout.CleanUpAsync(cancellationToken).ConfigureAwait(false);
        }
        return await RolloutStatus.ProgressAsync(rollout, cancellationToken).ConfigureAwait(false);
    }
}
