using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Generic;

/// <summary>
/// Metadata of writes through a subresource that leaves it alone (apimachinery's <c>ResetObjectMetaForStatus</c>, v1.36).
/// </summary>
public static class StatusMetadata
{
    private static readonly string[] s_fields =
        ["deletionTimestamp", "generation", "selfLink", "labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Puts back what such a write may not change.</summary>
    public static void Reset(JsonMap obj, JsonMap old)
    {
        JsonMap metadata = obj.MapAt("metadata"), before = old.MapAt("metadata");
        foreach (string name in s_fields)
        {
            if (before[name] is { } value)
            {
                metadata[name] = JsonValue.DeepCopy(value);
            }
            else
            {
                metadata.Remove(name);
            }
        }
    }

    /// <summary>Puts back all metadata but who owns which fields.</summary>
    public static void Keep(JsonMap obj, JsonMap old)
    {
        JsonMap kept = old.MapAt("metadata").DeepCopy();
        kept.Remove("managedFields");
        if (obj.MapAt("metadata")["managedFields"] is { } managed)
        {
            kept["managedFields"] = managed;
        }

        obj["metadata"] = kept;
    }
}
