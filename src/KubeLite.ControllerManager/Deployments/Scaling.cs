using k8s.Models;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>Follows a changed number of replicas: in one set where there is one, in proportion during a roll-out.</summary>
internal static class Scaling
{
    internal static async Task RunAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        if (ActiveOrLatest(rollout) is { } only)
        {
            if (DeploymentMath.Replicas(only) != DeploymentMath.Replicas(deployment))
            {
                await rollout.ScaleSetAsync(only, DeploymentMath.Replicas(deployment), cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        if (DeploymentMath.IsSaturated(deployment, rollout.NewSet))
        {
            foreach (var set in rollout.OldSets.FindAll(s => DeploymentMath.Replicas(s) > 0))
            {
                await rollout.ScaleSetAsync(set, 0, cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        if (DeploymentMath.IsRolling(deployment))
        {
            await ProportionallyAsync(rollout, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task ProportionallyAsync(Rollout rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Deployment;
        var active = rollout.All.FindAll(s => DeploymentMath.Replicas(s) > 0);
        var allowed = DeploymentMath.Replicas(deployment) > 0
            ? DeploymentMath.Replicas(deployment) + DeploymentMath.MaxSurge(deployment)
            : 0;
        var toAdd = allowed - DeploymentMath.SumSpec(active);
        // What is left over by rounding goes to the largest set; of equals to the newest when growing, the oldest when shrinking.
        active.Sort((a, b) =>
        {
            var order = DeploymentMath.Replicas(b).CompareTo(DeploymentMath.Replicas(a));
            return order != 0 ? order : toAdd > 0 ? Rollout.ByAge(b, a) : Rollout.ByAge(a, b);
        });
        var sizes = new int[active.Count];
        var added = 0;
        for (var i = 0; i < active.Count; i++)
        {
            var part = DeploymentMath.Proportion(active[i], deployment, toAdd, added);
            sizes[i] = DeploymentMath.Replicas(active[i]) + part;
            added += part;
        }
        for (var i = 0; i < active.Count; i++)
        {
            var size = i == 0 ? Math.Max(0, sizes[0] + (toAdd - added)) : sizes[i];
            await rollout.ScaleSetAsync(active[i], size, cancellationToken).ConfigureAwait(false);
        }
    }

    private static V1ReplicaSet? ActiveOrLatest(Rollout rollout)
    {
        var active = rollout.All.FindAll(s => DeploymentMath.Replicas(s) > 0);
        return active.Count switch
        {
            0 => rollout.NewSet ?? rollout.OldSets.LastOrDefault(),
            1 => active[0],
            _ => null,
        };
    }
}
