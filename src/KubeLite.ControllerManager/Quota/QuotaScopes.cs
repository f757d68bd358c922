using k8s.Models;

namespace KubeLite.ControllerManager.Quota;

/// <summary>Which Pods a quota's scopes select.</summary>
internal static class QuotaScopes
{
    internal static bool Selects(V1ResourceQuota quota, V1Pod pod)
    {
        foreach (var scope in quota.Spec.Scopes ?? [])
        {
            if (!Matches(scope, "Exists", null, pod))
            {
                return false;
            }
        }
        foreach (var requirement in quota.Spec.ScopeSelector?.MatchExpressions ?? [])
        {
            if (!Matches(requirement.ScopeName, requirement.OperatorProperty, requirement.Values, pod))
            {
                return false;
            }
        }
        return true;
    }

    private static bool Matches(string scope, string op, IList<string>? values, V1Pod pod) => scope switch
    {
        "Terminating" => pod.Spec.ActiveDeadlineSeconds is not null,
        "NotTerminating" => pod.Spec.ActiveDeadlineSeconds is null,
        "BestEffort" => IsBestEffort(pod),
        "NotBestEffort" => !IsBestEffort(pod),
        "PriorityClass" => Class(pod.Spec.PriorityClassName, op, values),
        "CrossNamespacePodAffinity" => CrossesNamespaces(pod),
        _ => false,
    };

    private static bool Class(string? name, string op, IList<string>? values) => op switch
    {
        "Exists" => !string.IsNullOrEmpty(name),
        "DoesNotExist" => string.IsNullOrEmpty(name),
        "In" => !string.IsNullOrEmpty(name) && values?.Contains(name) == true,
        "NotIn" => string.IsNullOrEmpty(name) || values?.Contains(name) != true,
        _ => false,
    };

    private static bool IsBestEffort(V1Pod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? [])
            .All(c => (c.Resources?.Requests ?? new Dictionary<string, ResourceQuantity>()).Concat(
                c.Resources?.Limits ?? new Dictionary<string, ResourceQuantity>())
                .All(r => r.Key is not ("cpu" or "memory") || r.Value.ToDecimal() == 0));

    private static bool CrossesNamespaces(V1Pod pod)
    {
        var affinity = pod.Spec.Affinity;
        var terms = (affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
            .Concat(affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
            .Concat((affinity?.PodAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => t.PodAffinityTerm))
            .Concat((affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Select(t => t.PodAffinityTerm));
        return terms.Any(t => t.Namespaces is { Count: > 0 } || t.NamespaceSelector is not null);
    }
}
