using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Revisions;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.StatefulSets;

/// <summary>The <c>statefulset-controller</c>: members with identities, in order (pkg/controller/statefulset).</summary>
public sealed class StatefulSetController : ObjectController
{
    private readonly SharedInformer<V1StatefulSet> _sets;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly SharedInformer<V1ControllerRevision> _revisions;
    private readonly StatefulMembers _members;

    /// <summary>Asks for the informers.</summary>
    public StatefulSetController(ControllerContext context) : base(context, "statefulset-controller", context.Options.ConcurrentSyncs)
    {
        _sets = Watch<V1StatefulSet>();
        _pods = Watch<V1Pod>();
        _claims = Watch<V1PersistentVolumeClaim>();
        _revisions = Watch<V1ControllerRevision>();
        _members = new StatefulMembers(context.Client, NewRecorder(), _claims.Store);
        _sets.AddHandler(EnqueueChanged<V1StatefulSet>());
        _pods.AddHandler(EnqueueOwner<V1Pod>("StatefulSet"));
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(EnqueueAdopters));
        _revisions.AddHandler(EnqueueOwner<V1ControllerRevision>("StatefulSet"));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_sets.Store.Get(key) is not { } set || set.Spec.Selector is null || LabelSelectors.IsEmpty(set.Spec.Selector))
        {
            return ReconcileResult.Done;
        }
        Task<bool> StillThere(CancellationToken ct) => ExistsAsync(set, ct);
        var history = new RevisionHistory(Client, _revisions.Store, "StatefulSet");
        var revisions = await history.ListAsync(set, set.Spec.Selector, StillThere, cancellationToken).ConfigureAwait(false);
        var refs = new ControllerRefs<V1Pod>(Client, set, "apps/v1", "StatefulSet");
        var pods = await refs.ClaimAsync(
            _pods.Store.ListNamespace(set.Metadata.NamespaceProperty).Where(p => StatefulPods.Ordinal(set, p.Metadata.Name) >= 0),
            p => LabelSelectors.Matches(set.Spec.Selector, p.Metadata.Labels), StillThere, cancellationToken).ConfigureAwait(false);
        var (update, collisions) = await history.CurrentAsync(
            set, set.Spec.Template, set.Spec.Template.Metadata?.Labels, revisions, set.Status?.CollisionCount ?? 0,
            cancellationToken).ConfigureAwait(false);
        var current = revisions.Find(r => r.Metadata.Name == set.Status?.CurrentRevision) ?? update;
        var pass = new StatefulPass(set, pods, current, update, Now, _members);
        try
        {
            if (set.Metadata.DeletionTimestamp is null)
            {
                await pass.RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await WriteStatusAsync(set, pass.Status(collisions), cancellationToken).ConfigureAwait(false);
        }
        var inUse = pods.Select(p => StatefulPods.Revision(p) ?? "").Append(current.Metadata.Name).Append(update.Metadata.Name).ToHashSet();
        await history.TruncateAsync(revisions, inUse, set.Spec.RevisionHistoryLimit ?? 10, cancellationToken).ConfigureAwait(false);
        return pass.NextCheck is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
    }

    private async Task WriteStatusAsync(V1StatefulSet set, V1StatefulSetStatus status, CancellationToken cancellationToken)
    {
        if (!JsonCompare.Same(set.Status, status))
        {
            await Client.UpdateStatusAsync(set with { Status = status }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> ExistsAsync(V1StatefulSet set, CancellationToken cancellationToken) =>
        await Client.FindAsync<V1StatefulSet>(set.Metadata.NamespaceProperty, set.Metadata.Name, cancellationToken)
            .ConfigureAwait(false) is { } fresh
        && fresh.Metadata.Uid == set.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null;

    private void EnqueueAdopters(CachedObject pod)
    {
        if (OwnerReferences.ControllerOf(pod.Metadata) is not null)
        {
            return;
        }
        foreach (var set in _sets.Store.ListNamespace(pod.Metadata.NamespaceProperty))
        {
            if (StatefulPods.Ordinal(set, pod.Metadata.Name) >= 0 && LabelSelectors.Matches(set.Spec.Selector, pod.Metadata.Labels))
            {
                Enqueue(set);
            }
        }
    }
}
