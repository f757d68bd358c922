using System.Globalization;
using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Revisions;
using KubeLite.ControllerRuntime.Objects;

namespace KubeLite.ControllerManager.StatefulSets;

/// <summary>The Pods and claims of a StatefulSet and their identities.</summary>
internal static class StatefulPods
{
    private const string NameLabel = "statefulset.kubernetes.io/pod-name";
    private const string IndexLabel = "apps.kubernetes.io/pod-index";

    internal static int Replicas(V1StatefulSet set) => set.Spec.Replicas ?? 1;

    internal static int Start(V1StatefulSet set) => set.Spec.Ordinals?.Start ?? 0;

    internal static string Name(V1StatefulSet set, int ordinal) => set.Metadata.Name + "-" + ordinal.ToString(CultureInfo.InvariantCulture);

    /// <summary>The number at the end of a member's name, or -1 where the name isn't a member's.</summary>
    internal static int Ordinal(V1StatefulSet set, string podName) =>
        podName.Length > set.Metadata.Name.Length + 1 && podName.StartsWith(set.Metadata.Name + "-", StringComparison.Ordinal)
        && int.TryParse(
            podName.AsSpan(set.Metadata.Name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : -1;

    internal static string? Revision(V1Pod pod) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(RevisionHistory.HashLabel, out var revision) ? revision : null;

    internal static bool IsRunningAndReady(V1Pod pod) => pod.Status?.Phase == "Running" && PodConditions.IsReady(pod);

    internal static string ClaimName(V1StatefulSet set, V1PersistentVolumeClaim template, int ordinal) =>
        template.Metadata.Name + "-" + Name(set, ordinal);

    /// <summary>A member, made from the template of one revision.</summary>
    internal static V1Pod New(V1StatefulSet set, V1PodTemplateSpec template, string revision, int ordinal)
    {
        var pod = PodControl.FromTemplate(template, set, OwnerReferences.NewController(set, "apps/v1", "StatefulSet"));
        var name = Name(set, ordinal);
        pod.Metadata.Name = name;
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>())
        {
            [NameLabel] = name,
            [IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture),
            [RevisionHistory.HashLabel] = revision,
        };
        pod.Spec.Hostname = name;
        pod.Spec.Subdomain = set.Spec.ServiceName;
        var volumes = (set.Spec.VolumeClaimTemplates ?? []).Select(claim => new V1Volume
        {
            Name = claim.Metadata.Name,
            PersistentVolumeClaim = new V1PersistentVolumeClaimVolumeSource { ClaimName = ClaimName(set, claim, ordinal) },
        }).ToList();
        volumes.AddRange((pod.Spec.Volumes ?? []).Where(v => !volumes.Exists(c => c.Name == v.Name)));
        pod.Spec.Volumes = volumes.Count == 0 ? null : volumes;
        return pod;
    }

    /// <summary>A claim of a member.</summary>
    internal static V1PersistentVolumeClaim NewClaim(V1StatefulSet set, V1PersistentVolumeClaim template, int ordinal)
    {
        var labels = new Dictionary<string, string>(template.Metadata.Labels ?? new Dictionary<string, string>());
        foreach (var (name, value) in set.Spec.Selector.MatchLabels ?? new Dictionary<string, string>())
        {
            labels[name] = value;
        }
        return new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta
            {
                Name = ClaimName(set, template, ordinal),
                NamespaceProperty = set.Metadata.NamespaceProperty,
                Labels = labels,
                Annotations = template.Metadata.Annotations,
                OwnerReferences = set.Spec.PersistentVolumeClaimRetentionPolicy?.WhenDeleted == "Delete" ? [Owner(set)] : null,
            },
            Spec = template.Spec,
        };
    }

    /// <summary>The reference by which a claim goes with its set.</summary>
    internal static V1OwnerReference Owner(V1StatefulSet set) =>
        new() { ApiVersion = "apps/v1", Kind = "StatefulSet", Name = set.Metadata.Name, Uid = set.Metadata.Uid };
}
