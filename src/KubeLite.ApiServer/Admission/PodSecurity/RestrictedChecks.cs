using KubeLite.ApiMachinery.Documents;
using static KubeLite.ApiServer.Admission.PodSecurity.CheckTexts;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>The controls of the level restricted (pod-security-admission of Kubernetes v1.36).</summary>
internal static class RestrictedChecks
{
    private static readonly HashSet<string> s_volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

    public static PodSecurityViolation? PrivilegeEscalation(PodUnderCheck pod)
    {
        List<string> bad = pod.IsSparedWindows
            ? []
            : Where(pod.Spec, c => c.Map("securityContext")?["allowPrivilegeEscalation"] is not false);
        return bad.Count == 0
            ? null
            : new("allowPrivilegeEscalation != false", $"{Containers(bad)} must set securityContext.allowPrivilegeEscalation=false");
    }

    public static PodSecurityViolation? Capabilities(PodUnderCheck pod)
    {
        if (pod.IsSparedWindows)
        {
            return null;
        }

        var added = new SortedSet<string>(StringComparer.Ordinal);
        List<string> keeping = Where(pod.Spec, c => c.Map("securityContext")?.Map("capabilities")?.List("drop")?.Contains("ALL") != true);
        List<string> adding = Where(pod.Spec, c =>
        {
            List<string> other = [.. (c.Map("securityContext")?.Map("capabilities")?.List("add")?.Strings() ?? [])
                .Where(a => a != "NET_BIND_SERVICE")];
            added.UnionWith(other);
            return other.Count > 0;
        });
        var details = new List<string>();
        if (keeping.Count > 0)
        {
            details.Add($"{Containers(keeping)} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        if (adding.Count > 0)
        {
            details.Add($"{Containers(adding)} must not include {Quoted(added)} in securityContext.capabilities.add");
        }

        return details.Count == 0 ? null : new("unrestricted capabilities", string.Join("; ", details));
    }

    public static PodSecurityViolation? Volumes(PodUnderCheck pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var names = new List<string>();
        foreach (JsonMap volume in pod.Spec.List("volumes")?.Maps() ?? [])
        {
            string? type = volume.Where(m => m.Key != "name" && m.Value is JsonMap).Select(m => m.Key).FirstOrDefault();
            if (type is null || !s_volumes.Contains(type))
            {
                names.Add(volume.String("name") ?? "");
                types.Add(type ?? "unknown");
            }
        }

        return names.Count == 0 ? null : new(
            "restricted volume types",
            $"{Plural("volume", "volumes", names.Count)} {Quoted(names)} {Plural("uses", "use", names.Count)} " +
                $"restricted volume {Plural("type", "types", types.Count)} {Quoted(types)}");
    }

    public static PodSecurityViolation? NonRoot(PodUnderCheck pod)
    {
        if (pod.HasUserNamespace)
        {
            return null;
        }

        object? own = pod.Context?["runAsNonRoot"];
        List<string> rooted = Where(pod.Spec, c => c.Map("securityContext")?["runAsNonRoot"] is false);
        List<string> unset = own is true ? [] : Where(pod.Spec, c => c.Map("securityContext")?["runAsNonRoot"] is null);
        const string Reason = "runAsNonRoot != true";
        if (own is false || rooted.Count > 0)
        {
            List<string> setters = own is false ? ["pod"] : [];
            if (rooted.Count > 0)
            {
                setters.Add(Containers(rooted));
            }

            return new(Reason, $"{string.Join(" and ", setters)} must not set securityContext.runAsNonRoot=false");
        }

        return unset.Count == 0 ? null : new(Reason, $"pod or {Containers(unset)} must set securityContext.runAsNonRoot=true");
    }

    public static PodSecurityViolation? User(PodUnderCheck pod)
    {
        if (pod.HasUserNamespace || pod.Minor < 23)
        {
            return null;
        }

        List<string> setters = pod.Context?.Integer("runAsUser") == 0 ? ["pod"] : [];
        List<string> containers = Where(pod.Spec, c => c.Map("securityContext")?.Integer("runAsUser") == 0);
        if (containers.Count > 0)
        {
            setters.Add(Containers(containers));
        }

        return setters.Count == 0 ? null : new("runAsUser=0", $"{string.Join(" and ", setters)} must not set runAsUser=0");
    }

    public static PodSecurityViolation? Seccomp(PodUnderCheck pod)
    {
        if (pod.IsSparedWindows)
        {
            return null;
        }

        var values = new SortedSet<string>(StringComparer.Ordinal);
        List<string> setters = BaselineChecks.SeccompSetters(pod, values);
        if (setters.Count > 0)
        {
            return new(
                "seccompProfile", $"{string.Join(" and ", setters)} must not set securityContext.seccompProfile.type to {Quoted(values)}");
        }

        List<string> unset = pod.Context?.Map("seccompProfile") is not null
            ? []
            : Where(pod.Spec, c => c.Map("securityContext")?.Map("seccompProfile") is null);
        return unset.Count == 0
            ? null
            : new(
                "seccompProfile",
                $"pod or {Containers(unset)} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }
}
