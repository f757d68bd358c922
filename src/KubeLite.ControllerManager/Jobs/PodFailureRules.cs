using k8s.Models;

namespace KubeLite.ControllerManager.Jobs;

/// <summary>A Job's <c>podFailurePolicy</c>, matched against a Pod that failed.</summary>
internal static class PodFailureRules
{
    internal readonly record struct Match(string Action, string Message);

    /// <summary>The first rule that matches, or null; then the failure counts.</summary>
    internal static Match? Find(V1PodFailurePolicy? policy, V1Pod pod)
    {
        if (policy?.Rules is null)
        {
            return null;
        }
        for (var i = 0; i < policy.Rules.Count; i++)
        {
            var rule = policy.Rules[i];
            var reason = rule.OnExitCodes is { } codes ? ByExitCode(codes, pod) : ByCondition(rule.OnPodConditions, pod);
            if (reason is not null)
            {
                return new Match(rule.Action, $"{reason} matching {rule.Action} rule at index {i}");
            }
        }
        return null;
    }

    private static string? ByExitCode(V1PodFailurePolicyOnExitCodesRequirement codes, V1Pod pod)
    {
        foreach (var status in (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? []))
        {
            if (status.State?.Terminated is not { ExitCode: not 0 } ended
                || (codes.ContainerName is { Length: > 0 } name && name != status.Name))
            {
                continue;
            }
            if (codes.Values.Contains(ended.ExitCode) == (codes.OperatorProperty == "In"))
            {
                return
                    $"Container {status.Name} for pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} failed with exit code {ended.ExitCode}";
            }
        }
        return null;
    }

    private static string? ByCondition(IList<V1PodFailurePolicyOnPodConditionsPattern>? patterns, V1Pod pod)
    {
        foreach (var condition in pod.Status?.Conditions ?? [])
        {
            foreach (var pattern in patterns ?? [])
            {
                if (pattern.Type == condition.Type && (pattern.Status ?? "True") == condition.Status)
                {
                    return $"Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name} has condition {condition.Type}";
                }
            }
        }
        return null;
    }
}
