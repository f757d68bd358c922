using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;

/// <summary>Prepares what a claim's volume starts from (Kubernetes v1.36, <c>pkg/api/persistentvolumeclaim</c>).</summary>
internal static class PersistentVolumeClaimSources
{
    /// <summary>Takes out what is ignored, and lets the older and the newer reference say the same.</summary>
    /// <param name="spec">The claim's spec.</param>
    /// <param name="old">The stored one; null where the claim is new.</param>
    public static void Prepare(JsonMap spec, JsonMap? old)
    {
        // A source in another namespace stands behind a feature gate that is off.
        if (old?.Map("dataSourceRef") is null && (spec.Map("dataSourceRef")?.String("namespace") ?? "").Length > 0)
        {
            spec.Remove("dataSourceRef");
        }

        JsonMap? source = spec.Map("dataSource"), reference = spec.Map("dataSourceRef");
        bool had = old?.Map("dataSource") is not null || old?.Map("dataSourceRef") is not null;
        if (!had && reference is null && source is not null && !IsKnown(source))
        {
            spec.Remove("dataSource");
        }
        else if (source is not null && reference is null)
        {
            spec["dataSourceRef"] = source.DeepCopy();
        }
        else if (source is null && reference is not null && (reference.String("namespace") ?? "").Length == 0)
        {
            JsonMap copy = reference.DeepCopy();
            copy.Remove("namespace");
            spec["dataSource"] = copy;
        }
    }

    /// <summary>True where a source names an API group, so that no later one is held to the form of such names.</summary>
    public static bool HasGroup(JsonMap spec) =>
        spec.Map("dataSource")?["apiGroup"] is not null || spec.Map("dataSourceRef")?["apiGroup"] is not null;

    /// <summary>The older reference only ever took claims and snapshots.</summary>
    private static bool IsKnown(JsonMap source) => (source.String("kind"), source.String("apiGroup") ?? "") is
        ("PersistentVolumeClaim", "") or ("VolumeSnapshot", "snapshot.storage.k8s.io");
}
