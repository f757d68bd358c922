using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>persistentvolumeclaim-protection-controller</c>: a claim that a Pod uses stays until no Pod does.</summary>
public sealed class ClaimProtectionController : ObjectController
{
    private const string Finalizer = "kubernetes.io/pvc-protection";

    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly SharedInformer<V1Pod> _pods;

    /// <summary>Asks for the informers.</summary>
    public ClaimProtectionController(ControllerContext context) : base(context, "persistentvolumeclaim-protection-controller", 2)
    {
        _claims = Watch<V1PersistentVolumeClaim>();
        _pods = Watch<V1Pod>();
        _claims.AddHandler(new ResourceEventHandler<V1PersistentVolumeClaim>(Look, (_, claim) => Look(claim)));
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(
            updated: (old, pod) =>
            {
                if (PodConditions.IsTerminal(pod) && !PodConditions.IsTerminal(old))
                {
                    EnqueueClaims(pod);
                }
            },
            deleted: EnqueueClaims));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_claims.Store.Get(key) is not { } claim)
        {
            return ReconcileResult.Done;
        }
        var held = claim.Metadata.Finalizers?.Contains(Finalizer) == true;
        if (claim.Metadata.DeletionTimestamp is null && !held)
        {
            await WriteAsync(claim, [.. claim.Metadata.Finalizers ?? [], Finalizer], cancellationToken).ConfigureAwait(false);
        }
        else if (claim.Metadata.DeletionTimestamp is not null && held && !Used(_pods.Store.ListNamespace(key.Namespace), key.Name))
        {
            // The cache may not know of the newest Pod yet.
            var live = await Client.ListAsync<V1Pod>(key.Namespace, ListOptions.None, cancellationToken).ConfigureAwait(false);
            if (!Used(live.Items, key.Name))
            {
                await WriteAsync(claim, [.. claim.Metadata.Finalizers!.Where(f => f != Finalizer)], cancellationToken).ConfigureAwait(false);
            }
        }
        return ReconcileResult.Done;
    }

    private async Task WriteAsync(V1PersistentVolumeClaim claim, List<string> finalizers, CancellationToken cancellationToken)
    {
        try
        {
            await Client.UpdateAsync(
                claim with { Metadata = claim.Metadata with { Finalizers = finalizers.Count == 0 ? null : finalizers } }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }

    private static bool Used(IEnumerable<V1Pod> pods, string claim) =>
        pods.Any(p => !(PodConditions.IsTerminal(p) || (p.Metadata.DeletionTimestamp is not null && string.IsNullOrEmpty(p.Spec.NodeName))) && Claims(p).Contains(claim));

    private static IEnumerable<string> Claims(V1Pod pod) =>
        (pod.Spec.Volumes ?? []).Select(v => v.PersistentVolumeClaim?.ClaimName ?? (v.Ephemeral is null ? null : pod.Metadata.Name + "-" + v.Name)).OfType<string>();

    private void Look(V1PersistentVolumeClaim claim)
    {
        if (claim.Metadata.DeletionTimestamp is null != (claim.Metadata.Finalizers?.Contains(Finalizer) == true))
        {
            Enqueue(claim);
        }
    }

    private void EnqueueClaims(V1Pod pod)
    {
        foreach (var claim in Claims(pod))
        {
            Queue.Add(new ObjectKey(pod.Metadata.NamespaceProperty, claim));
        }
    }
}
