using k8s.Models;

namespace KubeLite.Scheduler.Api;

/// <summary>Makes patches of a Pod's status that only this very Pod takes.</summary>
internal static class StatusPatch
{
    /// <summary>A strategic merge patch with the uid as precondition.</summary>
    public static object Of(V1Pod pod, object status) => new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["metadata"] = new Dictionary<string, string> { ["uid"] = pod.Metadata.Uid },
        ["status"] = status,
    };
}
