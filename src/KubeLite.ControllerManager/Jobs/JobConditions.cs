using k8s.Models;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>The conditions of a Job's status.</summary>
internal static class JobConditions
{
    internal const string Complete = "Complete";
    internal const string Failed = "Failed";
    internal const string SuccessCriteriaMet = "SuccessCriteriaMet";
    internal const string FailureTarget = "FailureTarget";
    internal const string Suspended = "Suspended";

    internal static V1JobCondition? FindTrue(V1Job job, string type) =>
        job.Status?.Conditions?.FirstOrDefault(c => c.Type == type && c.Status == "True");

    internal static bool IsFinished(V1Job job) => FindTrue(job, Complete) is not null || FindTrue(job, Failed) is not null;

    internal static V1JobCondition New(string type, string status, string reason, string message, DateTime now) => new()
    {
        Type = type,
        Status = status,
        Reason = reason,
        Message = message,
        LastProbeTime = now,
        LastTransitionTime = now,
    };

    /// <summary>Sets a condition in place; answers whether that changed anything. A false one is not added anew.</summary>
    internal static bool Set(V1JobStatus status, V1JobCondition condition)
    {
        var conditions = new List<V1JobCondition>(status.Conditions ?? []);
        var index = conditions.FindIndex(c => c.Type == condition.Type);
        if (index < 0)
        {
            if (condition.Status == "False")
            {
                return false;
            }
            conditions.Add(condition);
        }
        else if (conditions[index].Status == condition.Status && conditions[index].Reason == condition.Reason
            && conditions[index].Message == condition.Message)
        {
            return false;
        }
        else
        {
            conditions[index] = condition;
        }
        status.Conditions = conditions;
        return true;
    }
}
