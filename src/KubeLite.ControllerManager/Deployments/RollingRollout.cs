using k8s.Models;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The RollingUpdate strategy: grows the new set within the surge, shrinks old ones within the unavailability.</summary>
internal sealed class RollingRollout(Rollout rollout)
{
    internal async Task<ReconcileResult> RunAsync(CancellationToken cancellationToken)
    {
        await rollout.SyncRevisionAsync(create: true, cancellationToken).ConfigureAwait(false);
        if (await GrowNewAsync(cancellationToken).ConfigureAwait(false) || await ShrinkOldAsync(cancellationToken).ConfigureAwait(false))
        {
            return await RolloutStatus.ProgressAsync(rollout, cancellationToken).ConfigureAwait(false);
        }
        if (DeploymentMath.IsComplete(rollout.Deployment, rollout.Deployment.Status))
        {
            await rollout.CleanUpAsync(cancellationToken).ConfigureAwait(false);
        }
        return await RolloutStatus.ProgressAsync(rollout, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> GrowNewAsync(CancellationToken cancellationToken)
    {
        if (rollout.NewSet is not { } set)
        {
            return false;
        }
        var wanted = DeploymentMath.Replicas(rollout.Deployment);
        var current = DeploymentMath.Replicas(set);
        if (current == wanted)
        {
            return false;
        }
        var size = current > wanted ? wanted : DeploymentMath.NewSetReplicas(rollout.Deployment, rollout.All, current);
        return size != current && await rollout.ScaleSetAsync(set, size, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ShrinkOldAsync(CancellationToken cancellationToken)
    {
        var all = rollout.All;
        if (DeploymentMath.SumSpec(rollout.OldSets) == 0 || rollout.NewSet is not { } newSet)
        {
            return false;
        }
        var least = DeploymentMath.Replicas(rollout.Deployment) - DeploymentMath.MaxUnavailable(rollout.Deployment);
        var newUnavailable = DeploymentMath.Replicas(newSet) - (newSet.Status?.AvailableReplicas ?? 0);
        var most = DeploymentMath.SumSpec(all) - least - newUnavailable;
        if (most <= 0)
        {
            return false;
        }
        var unhealthy = await ShrinkAsync(
            most, static s => DeploymentMath.Replicas(s) - (s.Status?.AvailableReplicas ?? 0), cancellationToken).ConfigureAwait(false);
        var healthy = DeploymentMath.SumAvailable(rollout.All) - least;
        var shrunk = healthy > 0 ? await ShrinkAsync(healthy, DeploymentMath.Replicas, cancellationToken).ConfigureAwait(false) : 0;
        return unhealthy + shrunk > 0;
    }

    // Takes up to a number of replicas off the old sets, oldest first, no more of each than it may lose.
    private async Task<int> ShrinkAsync(int most, Func<V1ReplicaSet, int> mayLose, CancellationToken cancellationToken)
    {
        var taken = 0;
        foreach (var set in (List<V1ReplicaSet>)[.. rollout.OldSets])
        {
            if (taken >= most)
            {
                break;
            }
            var current = DeploymentMath.Replicas(set);
            var loss = Math.Min(Math.Min(most - taken, mayLose(set)), current);
            if (current == 0 || loss <= 0)
            {
                continue;
            }
            await rollout.ScaleSetAsync(set, current - loss, cancellationToken).ConfigureAwait(false);
            taken += loss;
        }
        return taken;
    }
}
