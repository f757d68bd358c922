namespace KubeLite.ControllerRuntime.Client;

/// <summary>The patch formats of the Kubernetes API (API concepts, "Patch and apply").</summary>
public enum PatchFormat
{
    /// <summary>RFC 6902.</summary>
    Json,

    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>Strategic merge: lists merged by key.</summary>
    StrategicMerge,

    /// <summary>Server-side apply; needs a field manager.</summary>
    Apply,
}
