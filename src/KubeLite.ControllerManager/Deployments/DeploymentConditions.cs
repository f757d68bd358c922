using k8s.Models;

namespace KubeLite.ControllerManager.Deployments;

/// <summary>The conditions of a Deployment's status.</summary>
internal static class DeploymentConditions
{
    internal const string Progressing = "Progressing";
    internal const string Available = "Available";
    internal const string ReplicaFailure = "ReplicaFailure";

    internal static V1DeploymentCondition? Find(V1DeploymentStatus? status, string type) =>
        status?.Conditions?.FirstOrDefault(c => c.Type == type);

    internal static V1DeploymentCondition New(string type, string status, string reason, string message, DateTime now) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastUpdateTime = now,
        LastTransitionTime = now,
    };

    /// <summary>Puts a condition last; one of the same status and reason stays as it is and where it is.</summary>
    internal static void Set(V1DeploymentStatus status, V1DeploymentCondition condition)
    {
        var current = Find(status, condition.Type);
        if (current is not null && current.Status == condition.Status && current.Reason == condition.Reason)
        {
            return;
        }
        if (current is not null && current.Status == condition.Status)
        {
            condition.LastTransitionTime = current.LastTransitionTime;
        }
        Remove(status, condition.Type);
        status.Conditions = [.. status.Conditions ?? [], condition];
    }

    internal static void Remove(V1DeploymentStatus status, string type) =>
        status.Conditions = [.. (status.Conditions ?? []).Where(c => c.Type != type)];
}
