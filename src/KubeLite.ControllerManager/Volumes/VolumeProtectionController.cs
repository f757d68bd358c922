using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>persistentvolume-protection-controller</c>: a volume that is bound stays until it isn't.</summary>
public sealed class VolumeProtectionController : ObjectController
{
    private const string Finalizer = "kubernetes.io/pv-protection";

    private readonly SharedInformer<V1PersistentVolume> _volumes;

    /// <summary>Asks for the informer.</summary>
    public VolumeProtectionController(ControllerContext context) : base(context, "persistentvolume-protection-controller", 1)
    {
        _volumes = Watch<V1PersistentVolume>();
        _volumes.AddHandler(new ResourceEventHandler<V1PersistentVolume>(Look, (_, volume) => Look(volume)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_volumes.Store.Get(key) is not { } volume)
        {
            return ReconcileResult.Done;
        }
        var held = volume.Metadata.Finalizers?.Contains(Finalizer) == true;
        List<string>? finalizers = null;
        if (volume.Metadata.DeletionTimestamp is null && !held)
        {
            finalizers = [.. volume.Metadata.Finalizers ?? [], Finalizer];
        }
        else if (volume.Metadata.DeletionTimestamp is not null && held && volume.Status?.Phase != "Bound")
        {
            finalizers = [.. volume.Metadata.Finalizers!.Where(f => f != Finalizer)];
        }
        if (finalizers is not null)
        {
            try
            {
                await Client.UpdateAsync(
                    volume with { Metadata = volume.Metadata with { Finalizers = finalizers.Count == 0 ? null : finalizers } }, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNotFound)
            {
                // Gone already.
            }
        }
        return ReconcileResult.Done;
    }

    private void Look(V1PersistentVolume volume)
    {
        if (volume.Metadata.DeletionTimestamp is null != (volume.Metadata.Finalizers?.Contains(Finalizer) == true))
        {
            Enqueue(volume);
        }
    }
}
