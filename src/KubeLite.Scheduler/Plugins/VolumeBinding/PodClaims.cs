using k8s.Models;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>A Pod's claims, sorted by what is still to be done for them.</summary>
internal sealed class PodClaims(ClusterNodes nodes) : ICycleData
{
    /// <summary>Where the node that is decided for is found.</summary>
    public ClusterNodes Nodes => nodes;

    /// <summary>Volumes that its claims are bound to.</summary>
    public List<V1PersistentVolume> Bound { get; } = [];

    /// <summary>Whether a claim is bound to a volume that does not exist.</summary>
    public bool VolumeMissing { get; set; }

    /// <summary>Claims that wait for the Pod to get its node, with the volumes that would do.</summary>
    public List<(V1PersistentVolumeClaim Claim, List<V1PersistentVolume> Candidates)> Waiting { get; } = [];

    /// <summary>What was decided for the node that the Pod will go to.</summary>
    public List<(V1PersistentVolumeClaim Claim, V1PersistentVolume? Volume)> Decided { get; } = [];

    /// <inheritdoc/>
    public ICycleData Clone() => this;
}
