using k8s.Models;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>
/// Which volume fits a claim best: one that names it, else the smallest that is large enough (component-helpers <c>volume</c>).
/// </summary>
internal static class VolumeMatch
{
    internal static V1PersistentVolume? Find(V1PersistentVolumeClaim claim, IEnumerable<V1PersistentVolume> volumes)
    {
        V1PersistentVolume? best = null;
        var bestSize = 0m;
        foreach (var volume in volumes)
        {
            if (volume.Metadata.DeletionTimestamp is not null || !Fits(claim, volume))
            {
                continue;
            }
            if (volume.Spec.ClaimRef is { } reference)
            {
                if (IsFor(reference, claim))
                {
                    return volume;
                }
                continue;
            }
            if (volume.Status?.Phase is not (null or "" or "Available" or "Pending")
                || (claim.Spec.Selector is { } selector && !LabelSelectors.Matches(selector, volume.Metadata.Labels)))
            {
                continue;
            }
            var size = Storage(volume.Spec.Capacity);
            if (best is null || size < bestSize)
            {
                (best, bestSize) = (volume, size);
            }
        }
        return best;
    }

    /// <summary>Whether a volume's reference means this claim.</summary>
    internal static bool IsFor(V1ObjectReference reference, V1PersistentVolumeClaim claim) =>
        reference.Name == claim.Metadata.Name && reference.NamespaceProperty == claim.Metadata.NamespaceProperty
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    internal static string ClassOf(V1PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations?.TryGetValue(VolumeAnnotations.BetaClass, out var name) == true
            ? name
            : claim.Spec.StorageClassName ?? "";

    /// <summary>Whether class, mode, access and size of a volume are what a claim asks for.</summary>
    internal static bool Fits(V1PersistentVolumeClaim claim, V1PersistentVolume volume) =>
        (volume.Spec.StorageClassName ?? "") == ClassOf(claim)
        && (volume.Spec.VolumeMode ?? "Filesystem") == (claim.Spec.VolumeMode ?? "Filesystem")
        && (claim.Spec.VolumeAttributesClassName ?? "") == (volume.Spec.VolumeAttributesClassName ?? "")
        && (claim.Spec.AccessModes ?? []).All(m => volume.Spec.AccessModes?.Contains(m) == true)
        && Storage(volume.Spec.Capacity) >= Storage(claim.Spec.Resources?.Requests);

    private static decimal Storage(IDictionary<string, ResourceQuantity>? resources) =>
        resources is not null && resources.TryGetValue("storage", out var size) ? size.ToDecimal() : 0;
}
