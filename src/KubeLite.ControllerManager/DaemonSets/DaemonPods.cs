using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.DaemonSets;

/// <summary>The Pods of a DaemonSet: what they are made of and which node they are for.</summary>
internal static class DaemonPods
{
    private const string GenerationLabel = "pod-template-generation";
    private const string GenerationAnnotation = "deprecated.daemonset.template.generation";

    private static readonly (string Key, string Effect)[] s_tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    internal static string? Generation(V1DaemonSet set) =>
        set.Metadata.Annotations is { } all && all.TryGetValue(GenerationAnnotation, out var generation) ? generation : null;

    /// <summary>A Pod for one node, which the scheduler puts there.</summary>
    internal static V1Pod New(V1DaemonSet set, string node, string hash)
    {
        var pod = PodControl.FromTemplate(set.Spec.Template, set, OwnerReferences.NewController(set, "apps/v1", "DaemonSet"));
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [Revisions.RevisionHistory.HashLabel] = hash
        };
        if (Generation(set) is { } generation)
        {
            pod.Metadata.Labels[GenerationLabel] = generation;
        }
        pod.Spec.Tolerations = WithTolerations(pod.Spec);
        var affinity = pod.Spec.Affinity ?? new V1Affinity();
        pod.Spec.Affinity = affinity with { NodeAffinity = For(affinity.NodeAffinity ?? new V1NodeAffinity(), node) };
        return pod;
    }

    /// <summary>The node that a Pod is on or is meant for.</summary>
    internal static string? NodeOf(V1Pod pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            return pod.Spec.NodeName;
        }
        var terms = pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        foreach (var term in terms ?? [])
        {
            foreach (var field in term.MatchFields ?? [])
            {
                if (field.Key == "metadata.name" && field.OperatorProperty == "In" && field.Values is { Count: 1 } values)
                {
                    return values[0];
                }
            }
        }
        return null;
    }

    /// <summary>Whether the set wants a Pod on a node, and whether one that is there may stay.</summary>
    internal static (bool Run, bool Stay) Wants(V1DaemonSet set, V1Node node)
    {
        var spec = set.Spec.Template.Spec;
        if ((spec.NodeName is { Length: > 0 } only && only != node.Metadata.Name) || !NodeSelectors.Matches(spec, node))
        {
            return (false, false);
        }
        var tolerations = WithTolerations(spec);
        if (Tolerations.FindUntolerated(node.Spec?.Taints, tolerations, "NoSchedule", "NoExecute") is null)
        {
            return (true, true);
        }
        return (false, Tolerations.FindUntolerated(node.Spec?.Taints, tolerations, "NoExecute") is null);
    }

    /// <summary>Whether a Pod was made from the set's present template.</summary>
    internal static bool IsUpdated(V1DaemonSet set, V1Pod pod, string hash)
    {
        var labels = pod.Metadata.Labels;
        return labels is not null
            && ((labels.TryGetValue(Revisions.RevisionHistory.HashLabel, out var revision) && revision == hash)
                || (Generation(set) is { } generation && labels.TryGetValue(GenerationLabel, out var made) && made == generation));
    }

    private static List<V1Toleration> WithTolerations(V1PodSpec spec)
    {
        var tolerations = new List<V1Toleration>(spec.Tolerations ?? []);
        foreach (var (key, effect) in s_tolerated)
        {
            Add(tolerations, key, effect);
        }
        if (spec.HostNetwork == true)
        {
            Add(tolerations, "node.kubernetes.io/network-unavailable", "NoSchedule");
        }
        return tolerations;
    }

    private static void Add(List<V1Toleration> tolerations, string key, string effect)
    {
        var wanted = new V1Toleration { Key = key, OperatorProperty = "Exists", Effect = effect };
        var index = tolerations.FindIndex(t => t.Key == key && t.Effect == effect && t.OperatorProperty == "Exists");
        if (index < 0)
        {
            tolerations.Add(wanted);
        }
        else
        {
            tolerations[index] = wanted;
        }
    }

    private static V1NodeAffinity For(V1NodeAffinity affinity, string node)
    {
        var field = new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = [node] };
        var terms = affinity.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms is { Count: > 0 } existing
            ? existing.Select(t => t with { MatchFields = [field] }).ToList()
            : [new V1NodeSelectorTerm { MatchFields = [field] }];
        return affinity with { RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector { NodeSelectorTerms = terms } };
    }
}
