using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The <c>deployment-controller</c>: rolls ReplicaSets of a Deployment out (pkg/controller/deployment).</summary>
public sealed class DeploymentController : ObjectController
{
    private readonly SharedInformer<V1Deployment> _deployments;
    private readonly SharedInformer<V1ReplicaSet> _sets;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public DeploymentController(ControllerContext context) : base(context, "deployment-controller", context.Options.ConcurrentSyncs)
    {
        _events = NewRecorder();
        _deployments = Watch<V1Deployment>();
        _sets = Watch<V1ReplicaSet>();
        _pods = Watch<V1Pod>();
        _deployments.AddHandler(EnqueueChanged<V1Deployment>());
        _sets.AddHandler(EnqueueOwner<V1ReplicaSet>("Deployment"));
        _sets.AddHandler(new ResourceEventHandler<V1ReplicaSet>(EnqueueAdopters, (_, set) => EnqueueAdopters(set)));
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(
            updated: (old, pod) =>
            {
                if (pod.IsTerminal() && !old.IsTerminal())
                {
                    EnqueueRecreated(pod);
                }
            },
            deleted: EnqueueRecreated));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_deployments.Store.Get(key) is not { } cached)
        {
            return ReconcileResult.Done;
        }
        if (cached.Spec.Selector is null || LabelSelectors.IsEmpty(cached.Spec.Selector))
        {
            _events.Record(cached, "Warning", "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }
        var sets = await ClaimAsync(cached, cancellationToken).ConfigureAwait(false);
        var rollout = new Rollout(Client, _events, Context.Time, cached, sets);
        if (cached.Metadata.DeletionTimestamp is not null)
        {
            await rollout.UpdateStatusOnlyAsync(cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        await rollout.CheckPausedAsync(cancellationToken).ConfigureAwait(false);
        if (cached.Spec.Paused == true || rollout.IsScaling())
        {
            await rollout.ScaleAsync(cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        return DeploymentMath.IsRolling(cached)
            ? await new RollingRollout(rollout).RunAsync(cancellationToken).ConfigureAwait(false)
            : await new RecreateRollout(rollout, OldPodsRun).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<V1ReplicaSet>> ClaimAsync(V1Deployment deployment, CancellationToken cancellationToken)
    {
        var refs = new ControllerRefs<V1ReplicaSet>(Client, deployment, "apps/v1", "Deployment");
        return await refs.ClaimAsync(
            _sets.Store.ListNamespace(deployment.Metadata.NamespaceProperty),
            set => LabelSelectors.Matches(deployment.Spec.Selector, set.Metadata.Labels),
            async ct => await Client.FindAsync<V1Deployment>(deployment.Metadata.NamespaceProperty, deployment.Metadata.Name, ct)
                .ConfigureAwait(false) is { } fresh
                && fresh.Metadata.Uid == deployment.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null,
            cancellationToken).ConfigureAwait(false);
    }

    // Whether a Pod of an old set still runs, or may without anybody knowing.
    private bool OldPodsRun(V1ReplicaSet? newSet, IReadOnlyList<V1ReplicaSet> oldSets)
    {
        foreach (var set in oldSets)
        {
            if ((set.Status?.Replicas ?? 0) > 0)
            {
                return true;
            }
            foreach (var pod in _pods.Store.ListNamespace(set.Metadata.NamespaceProperty))
            {
                if (OwnerReferences.IsControlledBy(pod, set) && set.Metadata.Uid != newSet?.Metadata.Uid && !PodConditions.IsTerminal(pod))
                {
                    return true;
                }
            }
        }
        return false;
    }

    private void EnqueueAdopters(CachedObject set)
    {
        if (OwnerReferences.ControllerOf(set.Metadata) is not null)
        {
            return;
        }
        foreach (var deployment in _deployments.Store.ListNamespace(set.Metadata.NamespaceProperty))
        {
            if (deployment.Spec.Selector is { } selector && !LabelSelectors.IsEmpty(selector)
                && LabelSelectors.Matches(selector, set.Metadata.Labels))
            {
                Enqueue(deployment);
            }
        }
    }

    // Recreate waits for old Pods to be gone, which no change of a ReplicaSet tells.
    private void EnqueueRecreated(CachedObject pod)
    {
        if (OwnerReferences.ControllerOf(pod.Metadata) is not { Kind: "ReplicaSet" } owner
            || _sets.Store.Cached(new ObjectKey(pod.Key.Namespace, owner.Name)) is not { } set
            || OwnerReferences.ControllerOf(set.Metadata) is not { Kind: "Deployment" } parent
            || _deployments.Store.Get(pod.Metadata.NamespaceProperty, parent.Name) is not { } deployment)
        {
            return;
        }
        if (!DeploymentMath.IsRolling(deployment))
        {
            Enqueue(deployment);
        }
    }
}
