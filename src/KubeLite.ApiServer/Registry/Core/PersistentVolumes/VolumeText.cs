using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumes;

/// <summary>What the tables of volumes and claims show alike.</summary>
public static class VolumeText
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    /// <summary>Access modes in their short form: <c>RWO,ROX</c>.</summary>
    public static string AccessModes(JsonList? modes)
    {
        var texts = new List<string>();
        foreach ((string mode, string text) in ((string, string)[])
            [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")])
        {
            if (modes?.Contains(mode) == true)
            {
                texts.Add(text);
            }
        }

        return string.Join(",", texts);
    }

    /// <summary>The name of the storage class, which an annotation may give; empty for none.</summary>
    public static string StorageClass(JsonMap obj) =>
        obj.MapAt("metadata").Map("annotations")?.String(ClassAnnotation) ?? obj.Map("spec")?.String("storageClassName") ?? "";

    /// <summary>The phase; Terminating while the object is being deleted.</summary>
    public static string? Phase(JsonMap obj) =>
        obj.MapAt("metadata").ContainsKey("deletionTimestamp") ? "Terminating" : obj.Map("status")?.String("phase");
}
