using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>
/// The <c>persistentvolume-binder-controller</c>: brings claims and volumes together and keeps their phases
/// (pkg/controller/volume/persistentvolume). Volumes are made by external provisioners, which it asks by annotation. Keys
/// without namespace are volumes.
/// </summary>
public sealed class VolumeBinderController : ObjectController
{
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly SharedInformer<V1PersistentVolume> _volumes;
    private readonly SharedInformer<V1StorageClass> _classes;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public VolumeBinderController(ControllerContext context) : base(context, "persistentvolume-binder-controller", 1)
    {
        _events = NewRecorder("persistentvolume-controller");
        _claims = Watch<V1PersistentVolumeClaim>();
        _volumes = Watch<V1PersistentVolume>();
        _classes = Watch<V1StorageClass>();
        _claims.AddHandler(ResourceEventHandler<V1PersistentVolumeClaim>.Any(claim =>
        {
            Enqueue(claim);
            if (!string.IsNullOrEmpty(claim.Value.Spec.VolumeName))
            {
                Queue.Add(new ObjectKey("", claim.Value.Spec.VolumeName));
            }
        }));
        _volumes.AddHandler(ResourceEventHandler<V1PersistentVolume>.Any(volume =>
        {
            Enqueue(volume);
            if (volume.Value.Spec.ClaimRef is { } reference)
            {
                Queue.Add(new ObjectKey(reference.NamespaceProperty, reference.Name));
            }
            else
            {
                EnqueuePending();
            }
        }));
        _classes.AddHandler(ResourceEventHandler<V1StorageClass>.Any(_ => EnqueuePending()));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (key.Namespace.Length == 0)
        {
            if (_volumes.Store.Get(key) is { } volume)
            {
                await SyncVolumeAsync(volume, cancellationToken).ConfigureAwait(false);
            }
        }
        else if (_claims.Store.Get(key) is { } claim)
        {
            await SyncClaimAsync(claim, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task SyncClaimAsync(V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var bound = VolumeAnnotations.Has(claim.Metadata, VolumeAnnotations.BindCompleted);
        if (!string.IsNullOrEmpty(claim.Spec.VolumeName))
        {
            await SyncNamedAsync(claim, bound, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (bound)
        {
            await LoseAsync(
                claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
                cancellationToken).ConfigureAwait(false);
            return;
        }
        var className = VolumeMatch.ClassOf(claim);
        var storageClass = className.Length == 0 ? null : _classes.Store.Get("", className);
        var waits = storageClass?.VolumeBindingMode == "WaitForFirstConsumer"
            && !VolumeAnnotations.Has(claim.Metadata, VolumeAnnotations.SelectedNode);
        // A volume that was reserved for the claim, as the scheduler does, is taken even so.
        var candidates = waits ? _volumes.Store.List().Where(v => v.Spec.ClaimRef is not null) : _volumes.Store.List();
        if (VolumeMatch.Find(claim, candidates) is { } volume)
        {
            await BindAsync(claim, volume, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (waits)
        {
            _events.Record(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        else if (storageClass is { Provisioner: not "kubernetes.io/no-provisioner" })
        {
            await AskProvisionerAsync(claim, storageClass.Provisioner, cancellationToken).ConfigureAwait(false);
        }
        else if (className.Length > 0 && storageClass is null)
        {
            _events.Record(claim, "Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
        }
        else
        {
            _events.Record(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }
        await SetPhaseAsync(claim, "Pending", null, cancellationToken).ConfigureAwait(false);
    }

    private async Task SyncNamedAsync(V1PersistentVolumeClaim claim, bool bound, CancellationToken cancellationToken)
    {
        if (_volumes.Store.Get("", claim.Spec.VolumeName) is not { } volume)
        {
            if (bound)
            {
                await LoseAsync(
                    claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!",
                    cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await SetPhaseAsync(claim, "Pending", null, cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        if (volume.Spec.ClaimRef is null || VolumeMatch.IsFor(volume.Spec.ClaimRef, claim))
        {
            if (!bound && volume.Spec.ClaimRef is null && !VolumeMatch.Fits(claim, volume))
            {
                _events.Record(
                    claim, "Warning", "VolumeMismatch",
                    "Cannot bind to requested volume \"" + volume.Metadata.Name +
                        "\": it doesn't meet the claim's class, mode, access or size");
                await SetPhaseAsync(claim, "Pending", null, cancellationToken).ConfigureAwait(false);
                return;
            }
            await BindAsync(claim, volume, cancellationToken).ConfigureAwait(false);
        }
        else if (bound)
        {
            await LoseAsync(
                claim, "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly",
                cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _events.Record(claim, "Warning", "FailedBinding", $"volume \"{volume.Metadata.Name}\" already bound to a different claim.");
            await SetPhaseAsync(claim, "Pending", null, cancellationToken).ConfigureAwait(false);
        }
    }

    // The volume is written first: a claim never names a volume that isn't its own.
    private async Task BindAsync(V1PersistentVolumeClaim claim, V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef?.Uid != claim.Metadata.Uid)
        {
            var reference = new V1ObjectReference
            {
                ApiVersion = "v1",
                Kind = "PersistentVolumeClaim",
                NamespaceProperty = claim.Metadata.NamespaceProperty,
                Name = claim.Metadata.Name,
                Uid = claim.Metadata.Uid,
                ResourceVersion = claim.Metadata.ResourceVersion,
            };
            var annotations = volume.Spec.ClaimRef is null
                ? VolumeAnnotations.With(volume.Metadata, (VolumeAnnotations.BoundByController, "yes")) : volume.Metadata.Annotations;
            volume = await Client.UpdateAsync(
                volume with
                {
                    Metadata = volume.Metadata with { Annotations = annotations },
                    Spec = volume.Spec with { ClaimRef = reference },
                },
                cancellationToken).ConfigureAwait(false);
        }
        await SetPhaseAsync(volume, "Bound", null, cancellationToken).ConfigureAwait(false);
        if (claim.Spec.VolumeName != volume.Metadata.Name || !VolumeAnnotations.Has(claim.Metadata, VolumeAnnotations.BindCompleted))
        {
            var annotations = VolumeAnnotations.With(claim.Metadata, (VolumeAnnotations.BindCompleted, "yes"));
            if (string.IsNullOrEmpty(claim.Spec.VolumeName))
            {
                annotations[VolumeAnnotations.BoundByController] = "yes";
            }
            claim = await Client.UpdateAsync(
                claim with
                {
                    Metadata = claim.Metadata with { Annotations = annotations },
                    Spec = claim.Spec with { VolumeName = volume.Metadata.Name },
                },
                cancellationToken).ConfigureAwait(false);
        }
        await SetPhaseAsync(claim, "Bound", volume, cancellationToken).ConfigureAwait(false);
    }

    private async Task SyncVolumeAsync(V1PersistentVolume volume, CancellationToken cancellationToken)
    {
        if (volume.Spec.ClaimRef is not { } reference || string.IsNullOrEmpty(reference.Uid))
        {
            await SetPhaseAsync(volume, "Available", null, cancellationToken).ConfigureAwait(false);
            return;
        }
        var claim = _claims.Store.Get(reference.NamespaceProperty, reference.Name)
            ?? await Client.FindAsync<V1PersistentVolumeClaim>(reference.NamespaceProperty, reference.Name, cancellationToken)
                .ConfigureAwait(false);
        if (claim is not null && claim.Metadata.Uid == reference.Uid)
        {
            if (claim.Spec.VolumeName == volume.Metadata.Name)
            {
                await SetPhaseAsync(volume, "Bound", null, cancellationToken).ConfigureAwait(false);
            }
            return;
        }
        await SetPhaseAsync(volume, "Released", null, cancellationToken).ConfigureAwait(false);
        if (volume.Spec.PersistentVolumeReclaimPolicy == "Recycle")
        {
            _events.Record(volume, "Warning", "VolumeFailedRecycle", "No recycler plugin found for the volume!");
            await SetPhaseAsync(volume, "Failed", "No recycler plugin found for the volume!", cancellationToken).ConfigureAwait(false);
        }
        else if (volume.Spec.PersistentVolumeReclaimPolicy == "Delete" && !VolumeAnnotations.Has(
            volume.Metadata, VolumeAnnotations.ProvisionedBy)
            && volume.Metadata.DeletionTimestamp is null && volume.Spec.Csi is null)
        {
            const string Message = "error getting deleter volume plugin for volume: no volume plugin matched";
            _events.Record(volume, "Warning", "VolumeFailedDelete", Message);
            await SetPhaseAsync(volume, "Failed", Message, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskProvisionerAsync(V1PersistentVolumeClaim claim, string provisioner, CancellationToken cancellationToken)
    {
        if (claim.Metadata.Annotations?.TryGetValue(VolumeAnnotations.Provisioner, out var asked) != true || asked != provisioner)
        {
            var patch = new V1PersistentVolumeClaim
            {
                Metadata = new V1ObjectMeta
                {
                    Annotations = new Dictionary<string, string>
                    {
                        [VolumeAnnotations.Provisioner] = provisioner,
                        [VolumeAnnotations.BetaProvisioner] = provisioner,
                    },
                },
            };
            await Client.PatchAsync<V1PersistentVolumeClaim>(
                claim.Metadata.NamespaceProperty, claim.Metadata.Name, PatchFormat.Merge, patch, WriteOptions.None,
                cancellationToken).ConfigureAwait(false);
        }
        _events.Record(claim, "Normal", "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. " +
            "If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    }

    private async Task LoseAsync(V1PersistentVolumeClaim claim, string reason, string message, CancellationToken cancellationToken)
    {
        if (claim.Status?.Phase != "Lost")
        {
            _events.Record(claim, "Warning", reason, message);
            await SetPhaseAsync(claim, "Lost", null, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task SetPhaseAsync(V1PersistentVolumeClaim claim, string phase, V1PersistentVolume? volume, CancellationToken cancellationToken)
    {
        var old = claim.Status ?? new V1PersistentVolumeClaimStatus();
        var status = volume is null
            ? phase == "Pending" && old.Phase == "Pending" ? old : old with { Phase = phase, AccessModes = null, Capacity = null }
            : old with { Phase = phase, AccessModes = volume.Spec.AccessModes, Capacity = old.Capacity ?? volume.Spec.Capacity };
        return JsonCompare.Same(old, status)
            ? Task.CompletedTask
            : Client.UpdateStatusAsync(claim with { Status = status }, cancellationToken);
    }

    private Task SetPhaseAsync(V1PersistentVolume volume, string phase, string? message, CancellationToken cancellationToken)
    {
        if (volume.Status?.Phase == phase || (volume.Status?.Phase == "Failed" && phase == "Released"))
        {
            return Task.CompletedTask;
        }
        var status =
            (volume.Status ?? new V1PersistentVolumeStatus()) with { Phase = phase, Message = message, LastPhaseTransitionTime = Now };
        return Client.UpdateStatusAsync(volume with { Status = status }, cancellationToken);
    }

    private void EnqueuePending()
    {
        foreach (var claim in _claims.Store.List())
        {
            if (claim.Status?.Phase is null or "Pending")
            {
                Enqueue(claim);
            }
        }
    }
}
