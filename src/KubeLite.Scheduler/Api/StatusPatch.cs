using System.Text.Json.Nodes;
using k8s.Models;

namespace KubeLite.Scheduler.Api;

/// <summary>Makes patches of a Pod's status that only this very Pod takes.</summary>
internal static class StatusPatch
{
    /// <summary>A strategic merge patch with the uid as precondition.</summary>
    public static JsonObject Of(V1Pod pod, JsonObject status) => new()
    {
        ["metadata"] = new JsonObject { ["uid"] = pod.Metadata.Uid },
        ["status"] = status,
    };
}
