using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates a PodSpec: every fault, in Kubernetes' words and order (ValidatePodSpec of v1.36).</summary>
public sealed class PodSpecValidation(FieldErrors errors, bool allowPrivileged)
{
    private readonly ContainerValidation _containers = new(errors, allowPrivileged);

    /// <summary>Adds the faults of a spec.</summary>
    /// <param name="spec">The spec, defaulted.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="template">True in a workload's template.</param>
    public void Validate(JsonMap spec, FieldPath path, bool template)
    {
        HashSet<string> volumes = new VolumeValidation(errors).Validate(spec.List("volumes"), path.Child("volumes"));
        _containers.Containers(spec, volumes, path);
        EphemeralContainers(spec, null, path.Child("ephemeralContainers"));
        Choice(spec, path, "restartPolicy", "Always", "Never", "OnFailure");
        Choice(spec, path, "dnsPolicy", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        Labels(spec.Map("nodeSelector"), path.Child("nodeSelector"));
        SecurityContextValidation.Pod(spec.Map("securityContext"), spec, path.Child("securityContext"), errors);
        PullSecrets(spec.List("imagePullSecrets"), path.Child("imagePullSecrets"));
        new AffinityValidation(errors).Validate(spec.Map("affinity"), path.Child("affinity"));
        DnsConfig(spec.Map("dnsConfig"), spec.String("dnsPolicy"), path.Child("dnsConfig"));
        ReadinessGates(spec.List("readinessGates"), path.Child("readinessGates"));
        SchedulingGates(spec.List("schedulingGates"), path.Child("schedulingGates"));
        TopologySpread(spec.List("topologySpreadConstraints"), path.Child("topologySpreadConstraints"));
        Name(spec, path, "serviceAccountName", NameRules.DnsSubdomain);
        Name(spec, path, "nodeName", NameRules.DnsSubdomain);
        if (spec.Integer("activeDeadlineSeconds") is { } deadline)
        {
            Faults(path.Child("activeDeadlineSeconds"), deadline, NameRules.InRange(deadline, 1, int.MaxValue));
        }

        Name(spec, path, "hostname", NameRules.DnsLabel);
        Name(spec, path, "subdomain", NameRules.DnsLabel);
        Tolerations(spec.List("tolerations"), path.Child("tolerations"));
        HostAliases(spec.List("hostAliases"), path.Child("hostAliases"));
        Name(spec, path, "priorityClassName", NameRules.DnsSubdomain);
        Name(spec, path, "runtimeClassName", NameRules.DnsSubdomain);
        if (spec.String("preemptionPolicy") is { Length: > 0 } preemption && preemption is not ("PreemptLowerPriority" or "Never"))
        {
            errors.NotSupported(path.Child("preemptionPolicy"), preemption, "Never", "PreemptLowerPriority");
        }

        if (spec.Map("os") is { } os)
        {
            string? name = os.String("name");
            if (string.IsNullOrEmpty(name))
            {
                errors.Required(path.Child("os").Child("name"), "cannot be empty");
            }
            else if (name is not ("linux" or "windows"))
            {
                errors.NotSupported(path.Child("os"), name, "linux", "windows");
            }
        }

        if (!template && spec.List("schedulingGates") is { Count: > 0 } && (spec.String("nodeName") ?? "").Length > 0)
        {
            errors.Forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared");
        }
    }

    /// <summary>Adds the faults of ephemeral containers; with an old spec, those of having removed or changed one.</summary>
    public void EphemeralContainers(JsonMap spec, JsonMap? old, FieldPath path)
    {
        HashSet<string> names = [.. Names(spec, "containers"), .. Names(spec, "initContainers")];
        HashSet<string> targets = [.. Names(spec, "containers")];
        int index = 0;
        foreach (JsonMap container in spec.List("ephemeralContainers")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = container.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }

            if ((container.String("image") ?? "").Length == 0)
            {
                errors.Required(at.Child("image"));
            }

            if (container.String("targetContainerName") is { Length: > 0 } target && !targets.Contains(target))
            {
                errors.NotFound(at.Child("targetContainerName"), target);
            }

            foreach (string forbidden in (string[])["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"])
            {
                if (container[forbidden] is JsonMap or JsonList { Count: > 0 })
                {
                    errors.Forbidden(at.Child(forbidden), "cannot be set for an Ephemeral Container");
                }
            }

            if (container.Map("resources") is { Count: > 0 })
            {
                errors.Forbidden(at.Child("resources"), "cannot be set for an Ephemeral Container");
            }
        }

        foreach (JsonMap before in old?.List("ephemeralContainers")?.Maps() ?? [])
        {
            JsonMap? now = spec.List("ephemeralContainers")?.Maps().FirstOrDefault(c => c.String("name") == before.String("name"));
            if (now is null)
            {
                errors.Forbidden(path, "existing ephemeral containers " + FieldError.GoQuote(before.String("name") ?? "") + " may not be removed\n");
            }
            else if (!JsonValue.DeepEquals(now, before))
            {
                errors.Forbidden(path, "existing ephemeral containers " + FieldError.GoQuote(before.String("name") ?? "") + " may not be changed\n");
            }
        }
    }

    private static IEnumerable<string> Names(JsonMap spec, string kind) => spec.List(kind)?.Maps().Select(c => c.String("name") ?? "") ?? [];

    private void Choice(JsonMap spec, FieldPath path, string name, params string[] supported)
    {
        string value = spec.String(name) ?? "";
        if (value.Length == 0)
        {
            errors.Required(path.Child(name));
        }
        else if (!supported.Contains(value))
        {
            errors.NotSupported(path.Child(name), value, supported);
        }
    }

    private void Labels(JsonMap? labels, FieldPath path) => MetadataValidation.Labels(labels, path, errors);

    private void Name(JsonMap spec, FieldPath path, string name, Func<string, IEnumerable<string>> rule)
    {
        if (spec.String(name) is { Length: > 0 } value)
        {
            Faults(path.Child(name), value, rule(value));
        }
    }

    private void Faults(FieldPath path, object value, IEnumerable<string> faults)
    {
        foreach (string fault in faults)
        {
            errors.Invalid(path, value, fault);
        }
    }

    private void PullSecrets(JsonList? secrets, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap secret in secrets?.Maps() ?? [])
        {
            if ((secret.String("name") ?? "").Length == 0)
            {
                errors.Invalid(path.Index(index), secret, "name must not be empty");
            }

            index++;
        }
    }

    private void DnsConfig(JsonMap? config, string? policy, FieldPath path)
    {
        if (policy == "None")
        {
            if (config is null)
            {
                errors.Required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
                return;
            }

            if (config.List("nameservers") is not { Count: > 0 })
            {
                errors.Required(path.Child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None");
                return;
            }
        }

        if (config is null)
        {
            return;
        }

        if (config.List("nameservers") is { Count: > 3 } servers)
        {
            errors.Invalid(path.Child("nameservers"), servers, "must not have more than 3 nameservers");
        }

        int index = 0;
        foreach (string server in config.List("nameservers")?.Strings() ?? [])
        {
            if (!System.Net.IPAddress.TryParse(server, out _))
            {
                errors.Invalid(path.Child("nameservers").Index(index), server, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            index++;
        }

        if (config.List("searches") is { Count: > 32 } searches)
        {
            errors.Invalid(path.Child("searches"), searches, "must not have more than 32 search paths");
        }

        index = 0;
        foreach (string search in config.List("searches")?.Strings() ?? [])
        {
            string trimmed = search == "." ? "" : search.TrimEnd('.');
            if (trimmed.Length > 0)
            {
                Faults(path.Child("searches").Index(index), search, NameRules.DnsSubdomain(trimmed.Replace('_', 'a')));
            }

            index++;
        }

        index = 0;
        foreach (JsonMap option in config.List("options")?.Maps() ?? [])
        {
            if ((option.String("name") ?? "").Length == 0)
            {
                errors.Required(path.Child("options").Index(index), "must not be empty");
            }

            index++;
        }
    }

    private void ReadinessGates(JsonList? gates, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap gate in gates?.Maps() ?? [])
        {
            string type = gate.String("conditionType") ?? "";
            Faults(path.Index(index++).Child("conditionType"), type, NameRules.QualifiedName(type));
        }
    }

    private void SchedulingGates(JsonList? gates, FieldPath path)
    {
        var seen = new HashSet<string>();
        int index = 0;
        foreach (JsonMap gate in gates?.Maps() ?? [])
        {
            string name = gate.String("name") ?? "";
            Faults(path.Index(index), name, NameRules.QualifiedName(name));
            if (!seen.Add(name))
            {
                errors.Duplicate(path.Index(index), name);
            }

            index++;
        }
    }

    private void TopologySpread(JsonList? constraints, FieldPath path)
    {
        var seen = new HashSet<(string, string)>();
        int index = 0;
        foreach (JsonMap constraint in constraints?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (constraint.Integer("maxSkew") is not > 0)
            {
                errors.Invalid(at.Child("maxSkew"), constraint.Integer("maxSkew") ?? 0, "must be greater than zero");
            }

            string key = constraint.String("topologyKey") ?? "";
            if (key.Length == 0)
            {
                errors.Required(at.Child("topologyKey"), "can not be empty");
            }
            else
            {
                Faults(at.Child("topologyKey"), key, NameRules.QualifiedName(key));
            }

            string when = constraint.String("whenUnsatisfiable") ?? "";
            if (when is not ("DoNotSchedule" or "ScheduleAnyway"))
            {
                errors.NotSupported(at.Child("whenUnsatisfiable"), when, "DoNotSchedule", "ScheduleAnyway");
            }

            if (!seen.Add((key, when)))
            {
                errors.Duplicate(at.Child("{topologyKey, whenUnsatisfiable}"), $"{{{key}, {when}}}");
            }

            if (constraint.Integer("minDomains") is { } domains)
            {
                if (domains <= 0)
                {
                    errors.Invalid(at.Child("minDomains"), domains, "must be greater than zero");
                }

                if (when != "DoNotSchedule")
                {
                    errors.Invalid(at.Child("minDomains"), domains, $"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}");
                }
            }

            foreach (string policy in (string[])["nodeAffinityPolicy", "nodeTaintsPolicy"])
            {
                if (constraint.String(policy) is { } value && value is not ("Ignore" or "Honor"))
                {
                    errors.NotSupported(at.Child(policy), value, "Honor", "Ignore");
                }
            }

            SelectorValidation.Labels(constraint.Map("labelSelector"), at.Child("labelSelector"), errors);
        }
    }

    private void Tolerations(JsonList? tolerations, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap toleration in tolerations?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string key = toleration.String("key") ?? "", op = toleration.String("operator") ?? "", value = toleration.String("value") ?? "";
            string effect = toleration.String("effect") ?? "";
            if (key.Length > 0)
            {
                Faults(at.Child("key"), key, NameRules.QualifiedName(key));
            }

            if (key.Length == 0 && op != "Exists")
            {
                errors.Invalid(at.Child("operator"), op, "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration.Integer("tolerationSeconds") is not null && effect != "NoExecute")
            {
                errors.Invalid(at.Child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }

            switch (op)
            {
                case "Equal" or "":
                    string fault = string.Join(";", NameRules.LabelValue(value));
                    if (fault.Length > 0)
                    {
                        errors.Invalid(at.Child("operator"), value, fault);
                    }

                    break;
                case "Exists":
                    if (value.Length > 0)
                    {
                        errors.Invalid(at.Child("operator"), toleration, "value must be empty when `operator` is 'Exists'");
                    }

                    break;
                default:
                    errors.NotSupported(at.Child("operator"), op, "Equal", "Exists");
                    break;
            }

            if (effect.Length > 0 && effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                errors.NotSupported(at.Child("effect"), effect, "NoExecute", "NoSchedule", "PreferNoSchedule");
            }
        }
    }

    private void HostAliases(JsonList? aliases, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap alias in aliases?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string ip = alias.String("ip") ?? "";
            if (!System.Net.IPAddress.TryParse(ip, out _))
            {
                errors.Invalid(at.Child("ip"), ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            int host = 0;
            foreach (string name in alias.List("hostnames")?.Strings() ?? [])
            {
                Faults(at.Child("hostnames").Index(host++), name, NameRules.DnsSubdomain(name));
            }
        }
    }
}
