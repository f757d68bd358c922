using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Matching;

namespace KubeLite.Scheduler.Plugins.VolumeBinding;

/// <summary>Which volumes a claim can be bound to (component-helpers <c>volume</c>).</summary>
internal static class VolumeMatching
{
    /// <summary>On a claim whose binding is complete.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>On a volume or claim that was not bound by its user.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a claim: the node for which a volume shall be provisioned.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>The provisioner of classes that only have volumes made by hand.</summary>
    public const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>Whether a claim has its volume for good.</summary>
    public static bool IsBound(V1PersistentVolumeClaim claim) =>
        !string.IsNullOrEmpty(claim.Spec.VolumeName) && claim.Metadata.Annotations?.ContainsKey(BindCompleted) == true;

    /// <summary>The name of a claim's class; empty for none.</summary>
    public static string ClassOf(V1PersistentVolumeClaim claim) =>
        claim.Metadata.Annotations is { } annotations
            && annotations.TryGetValue("volume.beta.kubernetes.io/storage-class", out var name)
            ? name
            : claim.Spec.StorageClassName ?? "";

    /// <summary>Whether a volume is reserved for this very claim.</summary>
    public static bool IsReservedFor(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } reference
        && reference.Name == claim.Metadata.Name
        && reference.NamespaceProperty == claim.Metadata.NamespaceProperty
        && (string.IsNullOrEmpty(reference.Uid) || reference.Uid == claim.Metadata.Uid);

    /// <summary>
    /// The volumes that a claim could be bound to wherever they can be reached: one reserved for it, or else free ones, the
    /// smallest first.
    /// </summary>
    public static List<V1PersistentVolume> Candidates(
        V1PersistentVolumeClaim claim, IEnumerable<V1PersistentVolume> volumes, IReadOnlyDictionary<string, string> assumed)
    {
        var request = Size(claim);
        var selector = claim.Spec.Selector is null ? null : LabelMatcher.Of(claim.Spec.Selector);
        var result = new List<(long Size, V1PersistentVolume Volume)>();
        foreach (var volume in volumes)
        {
            if (assumed.TryGetValue(volume.Metadata.Name, out var holder) && holder != claim.Metadata.Uid)
            {
                continue;
            }

            if (IsReservedFor(volume, claim))
            {
                return [volume];
            }

            var size = Quantities.Value(volume.Spec.Capacity is { } capacity && capacity.TryGetValue("storage", out var q) ? q : null);
            if (volume.Spec.ClaimRef is null && size >= request && IsCompatible(claim, volume)
                && (selector is null || selector.Matches(volume.Metadata.Labels)))
            {
                result.Add((size, volume));
            }
        }

        result.Sort((a, b) => a.Size.CompareTo(b.Size));
        return result.ConvertAll(candidate => candidate.Volume);
    }

    /// <summary>The bytes that a claim asks for.</summary>
    public static long Size(V1PersistentVolumeClaim claim) =>
        Quantities.Value(claim.Spec.Resources?.Requests is { } r && r.TryGetValue("storage", out var q) ? q : null);

    /// <summary>Whether a volume can be reached from a node.</summary>
    public static bool Reaches(V1PersistentVolume volume, V1Node node) =>
        NodeSelector.Of(volume.Spec.NodeAffinity?.Required) is not { } selector || selector.Matches(node);

    private static bool IsCompatible(V1PersistentVolumeClaim claim, V1PersistentVolume volume)
    {
        if (volume.Metadata.DeletionTimestamp is not null || volume.Status?.Phase is "Released" or "Failed" or "Bound"
            || (volume.Spec.StorageClassName ?? "") != ClassOf(claim)
            || (volume.Spec.VolumeMode ?? "Filesystem") != (claim.Spec.VolumeMode ?? "Filesystem"))
        {
            return false;
        }

        foreach (var mode in claim.Spec.AccessModes ?? [])
        {
            if (volume.Spec.AccessModes?.Contains(mode) != true)
            {
                return false;
            }
        }

        return true;
    }
}
