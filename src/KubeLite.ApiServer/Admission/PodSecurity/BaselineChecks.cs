using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Registry.Core.Pods;
using static KubeLite.ApiServer.Admission.PodSecurity.CheckTexts;

namespace KubeLite.ApiServer.Admission.PodSecurity;

/// <summary>The controls of the level baseline (pod-security-admission of Kubernetes v1.36).</summary>
internal static class BaselineChecks
{
    private static readonly HashSet<string> s_capabilities =
    [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP",
        "SETUID", "SYS_CHROOT",
    ];

    private static readonly Dictionary<string, int> s_sysctls = new(StringComparer.Ordinal)
    {
        ["kernel.shm_rmid_forced"] = 0,
        ["net.ipv4.ip_local_port_range"] = 0,
        ["net.ipv4.tcp_syncookies"] = 0,
        ["net.ipv4.ping_group_range"] = 0,
        ["net.ipv4.ip_unprivileged_port_start"] = 0,
        ["net.ipv4.ip_local_reserved_ports"] = 27,
        ["net.ipv4.tcp_keepalive_time"] = 29,
        ["net.ipv4.tcp_fin_timeout"] = 29,
        ["net.ipv4.tcp_keepalive_intvl"] = 29,
        ["net.ipv4.tcp_keepalive_probes"] = 29,
        ["net.ipv4.tcp_rmem"] = 32,
        ["net.ipv4.tcp_wmem"] = 32,
    };

    private static readonly Dictionary<string, int> s_seLinuxTypes = new(StringComparer.Ordinal)
    {
        [""] = 0,
        ["container_t"] = 0,
        ["container_init_t"] = 0,
        ["container_kvm_t"] = 0,
        ["container_engine_t"] = 31,
    };

    public static PodSecurityViolation? AppArmor(PodUnderCheck pod)
    {
        var setters = new List<string>();
        var values = new SortedSet<string>(StringComparer.Ordinal);
        if (pod.Context?.Map("appArmorProfile") is { } own && !Allowed(own.String("type")))
        {
            setters.Add("pod");
            values.Add(own.String("type") ?? "");
        }

        List<string> containers = [];
        foreach ((JsonMap container, string name) in Each(pod.Spec))
        {
            if (container.Map("securityContext")?.Map("appArmorProfile") is { } profile && !Allowed(profile.String("type")))
            {
                containers.Add(name);
                values.Add(profile.String("type") ?? "");
            }
        }

        if (containers.Count > 0)
        {
            setters.Add(Containers(containers));
        }

        List<string> annotations = [];
        foreach (var (key, value) in pod.Annotations ?? [])
        {
            string text = value as string ?? "";
            if (key.StartsWith(PodAnnotationValidation.AppArmorPrefix, StringComparison.Ordinal) && text is not ("" or "runtime/default")
                && !text.StartsWith("localhost/", StringComparison.Ordinal))
            {
                annotations.Add(key);
                values.Add(text);
            }
        }

        if (annotations.Count > 0)
        {
            annotations.Sort(StringComparer.Ordinal);
            setters.Add($"{Plural("annotation", "annotations", annotations.Count)} {Quoted(annotations)}");
        }

        return setters.Count == 0 ? null : new(
            Plural("forbidden AppArmor profile", "forbidden AppArmor profiles", values.Count),
            $"{string.Join(" and ", setters)} must not set AppArmor profile type to {Quoted(values)}");

        static bool Allowed(string? type) => type is "RuntimeDefault" or "Localhost";
    }

    public static PodSecurityViolation? Capabilities(PodUnderCheck pod)
    {
        var added = new SortedSet<string>(StringComparer.Ordinal);
        List<string> bad = Where(pod.Spec, c =>
        {
            List<string> other = [.. (c.Map("securityContext")?.Map("capabilities")?.List("add")?.Strings() ?? [])
                .Where(a => !s_capabilities.Contains(a))];
            added.UnionWith(other);
            return other.Count > 0;
        });
        return bad.Count == 0
            ? null
            : new("non-default capabilities", $"{Containers(bad)} must not include {Quoted(added)} in securityContext.capabilities.add");
    }

    public static PodSecurityViolation? HostNamespaces(PodUnderCheck pod)
    {
        List<string> shared = [.. new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(pod.Spec.Flag).Select(n => n + "=true")];
        return shared.Count == 0 ? null : new("host namespaces", string.Join(", ", shared));
    }

    public static PodSecurityViolation? HostPaths(PodUnderCheck pod)
    {
        List<string> volumes = [.. (pod.Spec.List("volumes")?.Maps() ?? [])
            .Where(v => v.Map("hostPath") is not null)
            .Select(v => v.String("name") ?? "")];
        return volumes.Count == 0 ? null : new("hostPath volumes", $"{Plural("volume", "volumes", volumes.Count)} {Quoted(volumes)}");
    }

    public static PodSecurityViolation? HostPorts(PodUnderCheck pod)
    {
        var ports = new SortedSet<string>(StringComparer.Ordinal);
        List<string> bad = Where(pod.Spec, c =>
        {
            List<string> own = [.. (c.List("ports")?.Maps() ?? [])
                .Select(p => p.Integer("hostPort") ?? 0)
                .Where(p => p != 0)
                .Select(p => p.ToString(CultureInfo.InvariantCulture))];
            ports.UnionWith(own);
            return own.Count > 0;
        });
        return bad.Count == 0 ? null : new(
            "hostPort",
            $"{Containers(bad)} {Plural("uses", "use", bad.Count)} {Plural("hostPort", "hostPorts", ports.Count)}" +
                $" {string.Join(", ", ports)}");
    }

    public static PodSecurityViolation? Hosts(PodUnderCheck pod)
    {
        var hosts = new SortedSet<string>(StringComparer.Ordinal);
        List<string> bad = Where(pod.Spec, c =>
        {
            JsonMap?[] handlers =
            [
                c.Map("livenessProbe"), c.Map("readinessProbe"), c.Map("startupProbe"), c.Map("lifecycle")?.Map("postStart"),
                c.Map("lifecycle")?.Map("preStop"),
            ];
            List<string> own = [.. handlers.SelectMany(
                h => new[] { h?.Map("httpGet")?.String("host"), h?.Map("tcpSocket")?.String("host") })
                .OfType<string>().Where(h => h is not ("" or "127.0.0.1" or "::1"))];
            hosts.UnionWith(own);
            return own.Count > 0;
        });
        return bad.Count == 0 || pod.Minor < 34 ? null : new(
            "probe or lifecycle host",
            $"{Containers(bad)} {Plural("uses", "use", bad.Count)} probe or lifecycle " +
                $"{Plural("host", "hosts", hosts.Count)} {Quoted(hosts)}");
    }

    public static PodSecurityViolation? Privileged(PodUnderCheck pod)
    {
        List<string> bad = Where(pod.Spec, c => c.Map("securityContext")?.Flag("privileged") == true);
        return bad.Count == 0 ? null : new("privileged", $"{Containers(bad)} must not set securityContext.privileged=true");
    }

    public static PodSecurityViolation? ProcMount(PodUnderCheck pod)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        List<string> bad = Where(pod.Spec, c =>
        {
            string mount = c.Map("securityContext")?.String("procMount") ?? "Default";
            if (mount != "Default")
            {
                values.Add(mount);
            }

            return mount != "Default";
        });
        return bad.Count == 0 || pod.HasUserNamespace
            ? null
            : new("procMount", $"{Containers(bad)} must not set securityContext.procMount to {Quoted(values)}");
    }

    public static PodSecurityViolation? SeLinux(PodUnderCheck pod)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        bool user = false, role = false;
        var setters = new List<string>();
        if (Bad(pod.Context?.Map("seLinuxOptions")))
        {
            setters.Add("pod");
        }

        List<string> containers = Where(pod.Spec, c => Bad(c.Map("securityContext")?.Map("seLinuxOptions")));
        if (containers.Count > 0)
        {
            setters.Add(Containers(containers));
        }

        if (setters.Count == 0)
        {
            return null;
        }

        var data = new List<string>();
        if (types.Count > 0)
        {
            data.Add($"{Plural("type", "types", types.Count)} {Quoted(types)}");
        }

        if (user)
        {
            data.Add("user may not be set");
        }

        if (role)
        {
            data.Add("role may not be set");
        }

        return new(
            "seLinuxOptions", $"{string.Join(" and ", setters)} set forbidden securityContext.seLinuxOptions: {string.Join("; ", data)}");

        bool Bad(JsonMap? options)
        {
            bool badType = options is not null
                && (!s_seLinuxTypes.TryGetValue(options.String("type") ?? "", out int since) || since > pod.Minor);
            bool badUser = (options?.String("user") ?? "").Length > 0, badRole = (options?.String("role") ?? "").Length > 0;
            if (badType)
            {
                types.Add(options!.String("type") ?? "");
            }

            user |= badUser;
            role |= badRole;
            return badType || badUser || badRole;
        }
    }

    public static PodSecurityViolation? Seccomp(PodUnderCheck pod)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        List<string> setters = SeccompSetters(pod, values);
        return setters.Count == 0 ? null : new(
            "seccompProfile", $"{string.Join(" and ", setters)} must not set securityContext.seccompProfile.type to {Quoted(values)}");
    }

    public static PodSecurityViolation? Sysctls(PodUnderCheck pod)
    {
        List<string> bad = [.. (pod.Context?.List("sysctls")?.Maps() ?? []).Select(s => s.String("name") ?? "")
            .Where(n => !s_sysctls.TryGetValue(n, out int since) || since > pod.Minor)];
        return bad.Count == 0 ? null : new("forbidden sysctls", string.Join(", ", bad));
    }

    public static PodSecurityViolation? WindowsHostProcess(PodUnderCheck pod)
    {
        var setters = new List<string>();
        if (pod.Context?.Map("windowsOptions")?.Flag("hostProcess") == true)
        {
            setters.Add("pod");
        }

        List<string> containers = Where(pod.Spec, c => c.Map("securityContext")?.Map("windowsOptions")?.Flag("hostProcess") == true);
        if (containers.Count > 0)
        {
            setters.Add(Containers(containers));
        }

        return setters.Count == 0
            ? null
            : new("hostProcess", $"{string.Join(" and ", setters)} must not set securityContext.windowsOptions.hostProcess=true");
    }

    /// <summary>Who sets a seccomp profile that isn't allowed, and which.</summary>
    public static List<string> SeccompSetters(PodUnderCheck pod, SortedSet<string> values)
    {
        var setters = new List<string>();
        if (Bad(pod.Context))
        {
            setters.Add("pod");
        }

        List<string> containers = Where(pod.Spec, c => Bad(c.Map("securityContext")));
        if (containers.Count > 0)
        {
            setters.Add(Containers(containers));
        }

        return setters;

        bool Bad(JsonMap? context)
        {
            string? type = context?.Map("seccompProfile")?.String("type");
            bool bad = type is not (null or "RuntimeDefault" or "Localhost");
            if (bad)
            {
                values.Add(type!);
            }

            return bad;
        }
    }
}
