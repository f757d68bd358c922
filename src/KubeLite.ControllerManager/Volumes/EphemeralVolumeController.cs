using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>ephemeral-volume-controller</c>: makes the claims of Pods' generic ephemeral volumes.</summary>
public sealed class EphemeralVolumeController : ObjectController
{
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public EphemeralVolumeController(ControllerContext context) : base(context, "ephemeral-volume-controller", 2)
    {
        _events = NewRecorder("ephemeral_volume");
        _pods = Watch<V1Pod>();
        _claims = Watch<V1PersistentVolumeClaim>();
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(pod =>
        {
            if (pod.Metadata.DeletionTimestamp is null && pod.Value.Spec.Volumes?.Any(v => v.Ephemeral is not null) == true)
            {
                Enqueue(pod);
            }
        }));
        _claims.AddHandler(new ResourceEventHandler<V1PersistentVolumeClaim>(deleted: claim =>
        {
            if (OwnerReferences.ControllerOf(claim.Metadata) is { Kind: "Pod" } owner)
            {
                Queue.Add(new ObjectKey(claim.Metadata.NamespaceProperty, owner.Name));
            }
        }));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_pods.Store.Get(key) is not { } pod || pod.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        foreach (var volume in (pod.Spec.Volumes ?? []).Where(v => v.Ephemeral is not null))
        {
            await EnsureAsync(pod, volume, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task EnsureAsync(V1Pod pod, V1Volume volume, CancellationToken cancellationToken)
    {
        var name = pod.Metadata.Name + "-" + volume.Name;
        if (_claims.Store.Get(pod.Metadata.NamespaceProperty, name) is { } existing)
        {
            if (!OwnerReferences.IsControlledBy(existing, pod))
            {
                throw new TerminalReconcileException(
                    $"PVC {pod.Metadata.NamespaceProperty}/{name} was not created for pod {pod.Metadata.Name} (pod is not owner)");
            }
            return;
        }
        var template = volume.Ephemeral.VolumeClaimTemplate;
        var claim = new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta
            {
                Name = name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Labels = template.Metadata?.Labels,
                Annotations = template.Metadata?.Annotations,
                OwnerReferences = [OwnerReferences.NewController(pod, "v1", "Pod")],
            },
            Spec = template.Spec,
        };
        try
        {
            await Client.CreateAsync(claim, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (!e.IsAlreadyExists && !e.IsNamespaceTerminating)
        {
            _events.Record(pod, "Warning", "FailedBinding", $"ephemeral volume {volume.Name}: create PVC {name}: {e.Message}");
            throw;
        }
        catch (ApiStatusException)
        {
            // It is there, or the namespace is going.
        }
    }
}
