using k8s.Models;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>Writes through the API client. The persistent volume controller takes it from there.</summary>
internal sealed class VolumeWriter(ApiClient client) : IVolumeWriter
{
    /// <inheritdoc/>
    public async Task BindAsync(V1PersistentVolume volume, V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        var bound = KubeJson.Clone(volume);
        if (bound.Spec.ClaimRef is null)
        {
            bound.Metadata.Annotations ??= new Dictionary<string, string>(StringComparer.Ordinal);
            bound.Metadata.Annotations[VolumeMatching.BoundByController] = "yes";
        }

        bound.Spec.ClaimRef = new V1ObjectReference
        {
            ApiVersion = "v1",
            Kind = "PersistentVolumeClaim",
            NamespaceProperty = claim.Metadata.NamespaceProperty,
            Name = claim.Metadata.Name,
            Uid = claim.Metadata.Uid,
            ResourceVersion = claim.Metadata.ResourceVersion,
        };
        await client.UpdateAsync(bound, cancellationToken);
    }

    /// <inheritdoc/>
    public Task SelectNodeAsync(V1PersistentVolumeClaim claim, string node, CancellationToken cancellationToken)
    {
        var patch = new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta
            {
                Uid = claim.Metadata.Uid,
                Annotations = new Dictionary<string, string> { [VolumeMatching.SelectedNode] = node },
            },
        };
        return client.PatchAsync<V1PersistentVolumeClaim>(
            claim.Metadata.NamespaceProperty, claim.Metadata.Name, PatchFormat.Merge, patch, WriteOptions.None, cancellationToken);
    }
}
