using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>volumeattributesclass-protection-controller</c>: a class that a claim or a volume names stays until none does.</summary>
public sealed class AttributesClassProtectionController : ObjectController
{
    private const string Finalizer = "kubernetes.io/vac-protection";

    private readonly SharedInformer<V1VolumeAttributesClass> _classes;
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly SharedInformer<V1PersistentVolume> _volumes;

    /// <summary>Asks for the informers.</summary>
    public AttributesClassProtectionController(ControllerContext context) : base(context, "volumeattributesclass-protection-controller", 1)
    {
        _classes = Watch<V1VolumeAttributesClass>();
        _claims = Watch<V1PersistentVolumeClaim>();
        _volumes = Watch<V1PersistentVolume>();
        _classes.AddHandler(new ResourceEventHandler<V1VolumeAttributesClass>(Look, (_, c) => Look(c)));
        _claims.AddHandler(new ResourceEventHandler<V1PersistentVolumeClaim>(
            updated: (old, now) => EnqueueLeft(NamesOf(old), NamesOf(now)), deleted: claim => EnqueueLeft(NamesOf(claim), [])));
        _volumes.AddHandler(new ResourceEventHandler<V1PersistentVolume>(
            updated: (old, now) => EnqueueLeft(NamesOf(old), NamesOf(now)), deleted: volume => EnqueueLeft(NamesOf(volume), [])));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_classes.Store.Get(key) is not { } found)
        {
            return ReconcileResult.Done;
        }
        var held = found.Metadata.Finalizers?.Contains(Finalizer) == true;
        List<string>? finalizers = null;
        if (found.Metadata.DeletionTimestamp is null && !held)
        {
            finalizers = [.. found.Metadata.Finalizers ?? [], Finalizer];
        }
        else if (found.Metadata.DeletionTimestamp is not null && held && !await UsedAsync(key.Name, cancellationToken).ConfigureAwait(false))
        {
            finalizers = [.. found.Metadata.Finalizers!.Where(f => f != Finalizer)];
        }
        if (finalizers is not null)
        {
            try
            {
                await Client.UpdateAsync(
                    found with { Metadata = found.Metadata with { Finalizers = finalizers.Count == 0 ? null : finalizers } }, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // Gone already.
            }
        }
        return ReconcileResult.Done;
    }

    private async Task<bool> UsedAsync(string name, CancellationToken cancellationToken)
    {
        if (_claims.Store.List().Any(c => NamesOf(c).Contains(name)) || _volumes.Store.List().Any(v => NamesOf(v).Contains(name)))
        {
            return true;
        }
        // The cache may not know of the newest claim yet.
        var claims = await Client.ListAsync<V1PersistentVolumeClaim>("", ListOptions.None, cancellationToken).ConfigureAwait(false);
        return claims.Items.Any(c => NamesOf(c).Contains(name));
    }

    private static string[] NamesOf(V1PersistentVolumeClaim claim) =>
        [claim.Spec?.VolumeAttributesClassName ?? "", claim.Status?.CurrentVolumeAttributesClassName ?? ""];

    private static string[] NamesOf(V1PersistentVolume volume) => [volume.Spec?.VolumeAttributesClassName ?? ""];

    private void EnqueueLeft(string[] before, string[] now)
    {
        foreach (var name in before.Except(now).Where(n => n.Length > 0))
        {
            if (_classes.Store.Get(new ObjectKey("", name)) is { } left)
            {
                Enqueue(left);
            }
        }
    }

    private void Look(V1VolumeAttributesClass found)
    {
        if (found.Metadata.DeletionTimestamp is null != (found.Metadata.Finalizers?.Contains(Finalizer) == true))
        {
            Enqueue(found);
        }
    }
}
