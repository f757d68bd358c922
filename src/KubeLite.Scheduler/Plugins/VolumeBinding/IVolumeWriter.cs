using k8s.Models;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>What volume binding writes to the API server.</summary>
internal interface IVolumeWriter
{
    /// <summary>Reserves a volume for a claim.</summary>
    Task BindAsync(V1PersistentVolume volume, V1PersistentVolumeClaim claim, CancellationToken cancellationToken);

    /// <summary>Has a volume provisioned for a claim where the node can reach it.</summary>
    Task SelectNodeAsync(V1PersistentVolumeClaim claim, string node, CancellationToken cancellationToken);
}
