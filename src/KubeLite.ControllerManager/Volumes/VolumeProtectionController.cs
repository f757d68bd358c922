using k8s.Models;
using KubeLite.ControllerManager.Running;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>The <c>persistentvolume-protection-controller</c>: a volume that is bound stays until it isn't.</summary>
public sealed class VolumeProtectionController(ControllerContext context)
    : ProtectionController<V1PersistentVolume>(context, "persistentvolume-protection-controller", "kubernetes.io/pv-protection", 1)
{
    /// <inheritdoc/>
    protected override Task<bool> IsUsedAsync(V1PersistentVolume obj, CancellationToken cancellationToken) =>
        Task.FromResult(obj.Status?.Phase == "Bound");

    /// <inheritdoc/>
    protected override V1PersistentVolume With(V1PersistentVolume obj, V1ObjectMeta metadata) => obj with { Metadata = metadata };
}
