using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>volumeattributesclass-protection-controller</c>: a class that a claim or a volume names stays until none does.</summary>
public sealed class AttributesClassProtectionController : ProtectionController<V1VolumeAttributesClass>
{
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly SharedInformer<V1PersistentVolume> _volumes;

    /// <summary>Asks for the informers.</summary>
    public AttributesClassProtectionController(ControllerContext context)
        : base(context, "volumeattributesclass-protection-controller", "kubernetes.io/vac-protection", 1)
    {
        _claims = Watch<V1PersistentVolumeClaim>();
        _volumes = Watch<V1PersistentVolume>();
        _claims.AddHandler(new ResourceEventHandler<V1PersistentVolumeClaim>(
            updated: (old, now) => EnqueueLeft(NamesOf(old.Value), NamesOf(now.Value)),
            deleted: claim => EnqueueLeft(NamesOf(claim.Value), [])));
        _volumes.AddHandler(new ResourceEventHandler<V1PersistentVolume>(
            updated: (old, now) => EnqueueLeft(NamesOf(old.Value), NamesOf(now.Value)),
            deleted: volume => EnqueueLeft(NamesOf(volume.Value), [])));
    }

    /// <inheritdoc/>
    protected override async Task<bool> IsUsedAsync(V1VolumeAttributesClass obj, CancellationToken cancellationToken)
    {
        var name = obj.Metadata.Name;
        if (_claims.Store.List().Any(c => NamesOf(c).Contains(name)) || _volumes.Store.List().Any(v => NamesOf(v).Contains(name)))
        {
            return true;
        }
        // The cache may not know of the newest claim yet.
        var claims = await Client.ListAsync<V1PersistentVolumeClaim>("", ListOptions.None, cancellationToken).ConfigureAwait(false);
        return claims.Items.Any(c => NamesOf(c).Contains(name));
    }

    /// <inheritdoc/>
    protected override V1VolumeAttributesClass With(V1VolumeAttributesClass obj, V1ObjectMeta metadata) => obj with { Metadata = metadata };

    private static string[] NamesOf(V1PersistentVolumeClaim claim) =>
        [claim.Spec?.VolumeAttributesClassName ?? "", claim.Status?.CurrentVolumeAttributesClassName ?? ""];

    private static string[] NamesOf(V1PersistentVolume volume) => [volume.Spec?.VolumeAttributesClassName ?? ""];

    private void EnqueueLeft(string[] before, string[] now)
    {
        foreach (var name in before.Except(now).Where(n => n.Length > 0))
        {
            if (Protected.Store.Get(new ObjectKey("", name)) is { } left)
            {
                Enqueue(left);
            }
        }
    }
}
