using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>What callers are warned of in Pods and templates (Kubernetes v1.36, <c>pkg/api/pod/warnings.go</c>).</summary>
public static class PodWarnings
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";
    private const string Preferred = "preferredDuringSchedulingIgnoredDuringExecution";
    private const string NoPod = "a null labelSelector results in matching no pod";

    private static readonly (string Key, string Message)[] s_annotations =
    [
        ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
        ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
        ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ];

    private static readonly (string Kind, string Shown, string Message)[] s_volumes =
    [
        ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
        ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("ephemeral", "", ""),
        ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <summary>The warning of a name that Pods take over as a host's; null where it is a DNS label.</summary>
    public static string? Name(string? name, bool isPod)
    {
        List<string> faults = [.. NameRules.DnsLabel(name ?? "")];
        string use = isPod ? "the Pod's hostname" : "Pod names and hostnames";
        return faults.Count == 0 ? null
            : $"metadata.name: this is used in {use}, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', faults)}]";
    }

    /// <summary>The warnings of a workload's template, and of its name where it is new.</summary>
    /// <param name="obj">The workload.</param>
    /// <param name="old">As it was; null for a new one.</param>
    /// <param name="named">True where the name of a new one is looked at.</param>
    public static IEnumerable<string> Workload(JsonMap obj, JsonMap? old, bool named)
    {
        if (old is null && named && Name(obj.MapAt("metadata").String("name"), isPod: false) is { } name)
        {
            yield return name;
        }

        if (old is not null && JsonValue.DeepEquals(obj.Map("metadata")?["generation"], old.Map("metadata")?["generation"]))
        {
            yield break;
        }

        foreach (string warning in Template(obj.Map("spec")?.Map("template"), FieldPath.Of("spec", "template")))
        {
            yield return warning;
        }
    }

    /// <summary>The warnings of a template.</summary>
    public static IEnumerable<string> Template(JsonMap? template, FieldPath path) =>
        All(template?.Map("spec") ?? new JsonMap(), template?.Map("metadata"), path);

    /// <summary>The warnings of a spec and the metadata beside it.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="metadata">The metadata.</param>
    /// <param name="root">The template's path; null for a Pod.</param>
    public static IEnumerable<string> All(JsonMap spec, JsonMap? metadata, FieldPath? root)
    {
        FieldPath path = root.Under("spec");
        var warnings = new List<string>();
        NodeSelection(spec, path, warnings);
        JsonMap? annotations = metadata?.Map("annotations");
        FieldPath annotated = root.Under("metadata").Child("annotations");
        warnings.AddRange(
            s_annotations.Where(a => annotations?.ContainsKey(a.Key) == true).Select(a => $"{annotated.Key(a.Key)}: {a.Message}"));
        Volumes(spec.List("volumes"), path.Child("volumes"), warnings);
        VolumePathWarnings.Add(spec.List("volumes"), warnings);
        Lists(spec, path, warnings);
        foreach (string name in (string[])["memory", "ephemeral-storage"])
        {
            Fraction(spec.Map("overhead"), name, path.Child("overhead"), warnings);
        }

        bool seccomp = spec.Map("securityContext")?.Map("seccompProfile") is not null,
            appArmor = spec.Map("securityContext")?.Map("appArmorProfile") is not null;
        const string SeccompPod = "seccomp.security.alpha.kubernetes.io/pod",
            Seccomp = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
        if (!seccomp && annotations?.ContainsKey(SeccompPod) == true)
        {
            warnings.Add($"{annotated.Key(SeccompPod)}: {Seccomp}");
        }

        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            JsonMap? context = container.Map("securityContext");
            string key = "container.seccomp.security.alpha.kubernetes.io/" + container.String("name");
            if (context?.Map("seccompProfile") is null && annotations?.ContainsKey(key) == true)
            {
                warnings.Add($"{annotated.Key(key)}: {Seccomp}");
            }

            key = PodAnnotationValidation.AppArmorPrefix + container.String("name");
            if (root is not null && !appArmor && context?.Map("appArmorProfile") is null && annotations?.ContainsKey(key) == true)
            {
                warnings.Add($"{annotated.Key(key)}: deprecated since v1.30; use the \"appArmorProfile\" field instead");
            }

            Container(container, at, warnings);
        }

        PortWarnings.Add(spec, path, warnings);
        if (spec.Integer("terminationGracePeriodSeconds") < 0)
        {
            warnings.Add(
                $"{path.Child("terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1");
        }

        Affinity(spec.Map("affinity"), path.Child("affinity"), warnings);
        FieldPath servers = path.Child("dnsConfig").Child("nameservers");
        warnings.AddRange((spec.Map("dnsConfig")?.List("nameservers")?.Strings() ?? [])
            .SelectMany((s, i) => AddressWarnings.Address(s, servers.Index(i))));
        warnings.AddRange((spec.List("hostAliases")?.Maps() ?? [])
            .SelectMany((a, i) => AddressWarnings.Address(a.String("ip"), path.Child("hostAliases").Index(i).Child("ip"))));
        return warnings;
    }

    private static void NodeSelection(JsonMap spec, FieldPath path, List<string> warnings)
    {
        foreach (var (label, _) in spec.Map("nodeSelector") ?? [])
        {
            if (NodeLabels.Deprecation(label) is { } message)
            {
                warnings.Add($"{path.Child("nodeSelector").Key(label)}: {message}");
            }
        }

        JsonMap? affinity = spec.Map("affinity")?.Map("nodeAffinity");
        FieldPath at = path.Child("affinity").Child("nodeAffinity");
        int index = 0;
        foreach (JsonMap term in affinity?.Map(Required)?.List("nodeSelectorTerms")?.Maps() ?? [])
        {
            warnings.AddRange(NodeLabels.Term(term, at.Child(Required).Child("nodeSelectorTerms").Index(index++), values: false));
        }

        index = 0;
        foreach (JsonMap term in affinity?.List(Preferred)?.Maps() ?? [])
        {
            warnings.AddRange(
                NodeLabels.Term(term.Map("preference"), at.Child(Preferred).Index(index++).Child("preference"), values: true));
        }

        index = 0;
        foreach (JsonMap constraint in spec.List("topologySpreadConstraints")?.Maps() ?? [])
        {
            at = path.Child("topologySpreadConstraints").Index(index++);
            string? key = constraint.String("topologyKey");
            if (NodeLabels.Deprecation(key) is { } message)
            {
                warnings.Add($"{at.Child("topologyKey")}: {key} is {message}");
            }

            if (constraint.Map("labelSelector") is null)
            {
                warnings.Add($"{at.Child("labelSelector")}: {NoPod}");
            }
        }
    }

    private static void Volumes(JsonList? volumes, FieldPath path, List<string> warnings)
    {
        int index = 0;
        foreach (JsonMap volume in volumes?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            foreach ((string kind, string shown, string message) in s_volumes)
            {
                if (volume.Map(kind) is not { } source)
                {
                    continue;
                }

                if (kind != "ephemeral")
                {
                    warnings.Add($"{at.Child(shown)}: {message}");
                }
                else if (source.Map("volumeClaimTemplate")?.Map("spec") is { } claim)
                {
                    warnings.AddRange(
                        PersistentVolumeClaimWarnings.Spec(claim, at.Child("ephemeral").Child("volumeClaimTemplate").Child("spec")));
                }
            }
        }
    }

    private static void Lists(JsonMap spec, FieldPath path, List<string> warnings)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap alias in spec.List("hostAliases")?.Maps() ?? [])
        {
            FieldPath at = path.Child("hostAliases").Index(index++).Child("ip");
            string ip = alias.String("ip") ?? "";
            if (!seen.Add(ip))
            {
                warnings.Add($"{at}: duplicate ip {FieldError.GoQuote(ip)}");
            }
        }

        List<string> secrets = [.. (spec.List("imagePullSecrets")?.Maps() ?? []).Select(s => s.String("name") ?? "")];
        FieldPath list = path.Child("imagePullSecrets");
        for (int i = 1; i < secrets.Count; i++)
        {
            if (secrets.IndexOf(secrets[i]) < i)
            {
                warnings.Add($"{list.Index(i).Child("name")}: duplicate name {FieldError.GoQuote(secrets[i])}");
            }
        }

        for (int i = 0; i < secrets.Count; i++)
        {
            if (secrets[i].Length == 0)
            {
                warnings.Add($"{list.Index(i).Child("name")}: invalid empty name \"\"");
            }
        }
    }

    private static void Container(JsonMap container, FieldPath path, List<string> warnings)
    {
        foreach (string name in (string[])["memory", "ephemeral-storage"])
        {
            foreach (string member in (string[])["limits", "requests"])
            {
                Fraction(container.Map("resources")?.Map(member), name, path.Child("resources").Child(member), warnings);
            }
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = -1;
        foreach (JsonMap variable in container.List("env")?.Maps() ?? [])
        {
            index++;
            string name = variable.String("name") ?? "", value = variable.String("value") ?? "", reference = $"$({name})";
            // A value that builds on the one before is meant.
            bool hides = variable.Map("valueFrom") is not null || value == reference
                || !value.Contains(reference, StringComparison.Ordinal);
            if (!seen.Add(name) && hides)
            {
                warnings.Add(
                    $"{path.Child("env").Index(index)}: " +
                        $"hides previous definition of {FieldError.GoQuote(name)}, which may be dropped when using apply");
            }
        }
    }

    private static void Fraction(JsonMap? amounts, string name, FieldPath path, List<string> warnings)
    {
        if (amounts?.String(name) is { } text && Quantity.TryParse(text, out Quantity amount, out _) && amount.MilliValue % 1000 != 0)
        {
            warnings.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{path.Key(name)}: fractional byte value {FieldError.GoQuote(text)} is invalid, must be an integer"));
        }
    }

    private static void Affinity(JsonMap? affinity, FieldPath path, List<string> warnings)
    {
        foreach (string kind in (string[])["podAffinity", "podAntiAffinity"])
        {
            foreach (string list in (string[])[Required, Preferred])
            {
                int index = 0;
                foreach (JsonMap item in affinity?.Map(kind)?.List(list)?.Maps() ?? [])
                {
                    FieldPath at = path.Child(kind).Child(list).Index(index++);
                    at = list == Preferred ? at.Child("podAffinityTerm") : at;
                    JsonMap? term = list == Preferred ? item.Map("podAffinityTerm") : item;
                    if (term?.Map("labelSelector") is null)
                    {
                        warnings.Add($"{at.Child("labelSelector")}: {NoPod}");
                    }
                }
            }
        }
    }
}
