using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Core.Pods.Scheduling;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates a PodSpec: every fault, in Kubernetes' words and order (<c>ValidatePodSpec</c> of v1.36).</summary>
/// <param name="errors">Gets the faults.</param>
/// <param name="allowPrivileged">True where the cluster allows privileged containers.</param>
public sealed class PodSpecValidation(FieldErrors errors, bool allowPrivileged)
{
    private const string NotAsOwnUser = "when `hostUsers` is false";

    /// <summary>Adds the faults of a spec.</summary>
    /// <param name="spec">The spec, defaulted.</param>
    /// <param name="pod">The Pod's metadata; null for a template.</param>
    /// <param name="path">Where the spec stands.</param>
    public void Validate(JsonMap spec, JsonMap? pod, FieldPath path)
    {
        if (spec.Integer("terminationGracePeriodSeconds") is null)
        {
            errors.Required(path.Child("terminationGracePeriodSeconds"));
        }

        Dictionary<string, JsonMap> volumes = new VolumeValidation(errors, pod).Validate(spec.List("volumes"), path.Child("volumes"));
        ResourceClaims(spec.List("resourceClaims"), path.Child("resourceClaims"));
        var containers = new ContainerValidation(errors, spec, volumes, allowPrivileged);
        containers.Regular(path.Child("containers"));
        containers.Init(path.Child("initContainers"));
        EphemeralContainerValidation.Containers(spec, containers, path.Child("ephemeralContainers"), errors);
        containers.PodResources(path.Child("resources"));
        HostPorts(spec, pod is not null, path.Child("containers"));
        FieldRules.RequiredOneOf(spec.String("restartPolicy"), path.Child("restartPolicy"), errors, "Always", "OnFailure", "Never");
        FieldRules.RequiredOneOf(
            spec.String("dnsPolicy"), path.Child("dnsPolicy"), errors, "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
        MetadataValidation.Labels(spec.Map("nodeSelector"), path.Child("nodeSelector"), errors);
        SecurityContextValidation.Pod(spec.Map("securityContext"), spec, path.Child("securityContext"), errors);
        new AffinityValidation(errors).Validate(spec.Map("affinity"), path.Child("affinity"));
        PodDnsValidation.Validate(spec.Map("dnsConfig"), spec.String("dnsPolicy"), path.Child("dnsConfig"), errors);
        Gates(spec, path);
        TopologySpreadValidation.Validate(spec.List("topologySpreadConstraints"), path.Child("topologySpreadConstraints"), errors);
        WindowsValidation.HostProcess(spec, allowPrivileged, path, errors);
        HostUsers(spec, path);
        HostnameOverride(spec, path);
        Names(spec, path);
        if (spec.String("preemptionPolicy") is { } preemption)
        {
            FieldRules.RequiredOneOf(preemption, path.Child("preemptionPolicy"), errors, "PreemptLowerPriority", "Never");
        }

        if (spec.Map("overhead") is { } overhead)
        {
            new ResourceRequirements(errors, new HashSet<string>()).Container(
                new JsonMap { { "limits", overhead } }, path.Child("overhead"));
        }

        WindowsValidation.Os(spec, path, errors);
        Files(spec, path);
    }

    private void ResourceClaims(JsonList? claims, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap claim in claims?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = claim.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
            else
            {
                FieldRules.Label(name, at.Child("name"), errors);
            }

            string? own = claim.String("resourceClaimName"), template = claim.String("resourceClaimTemplateName");
            if (own is null == template is null)
            {
                var shown = new JsonMap { { "Name", name }, { "ResourceClaimName", own }, { "ResourceClaimTemplateName", template } };
                errors.Invalid(at, shown, own is null
                    ? "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
                    : "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
            }

            foreach (string field in (string[])["resourceClaimName", "resourceClaimTemplateName"])
            {
                if (claim.String(field) is { } reference)
                {
                    FieldRules.Subdomain(reference, at.Child(field), errors);
                }
            }
        }
    }

    private void HostPorts(JsonMap spec, bool isPod, FieldPath path)
    {
        if (!spec.Flag("hostNetwork"))
        {
            return;
        }

        int container = 0;
        foreach (JsonMap item in spec.List("containers")?.Maps() ?? [])
        {
            int index = 0;
            foreach (JsonMap port in item.List("ports")?.Maps() ?? [])
            {
                FieldPath at = path.Index(container).Child("ports").Index(index++).Child("hostPort");
                long host = port.Integer("hostPort") ?? 0;
                if ((isPod || host != 0) && host != (port.Integer("containerPort") ?? 0))
                {
                    errors.Invalid(at, host, "must match `containerPort` when `hostNetwork` is true");
                }
            }

            container++;
        }
    }

    private void Gates(JsonMap spec, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap gate in spec.List("readinessGates")?.Maps() ?? [])
        {
            FieldRules.QualifiedName(
                gate.String("conditionType"), path.Child("readinessGates").Index(index++).Child("conditionType"), errors);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        index = 0;
        foreach (JsonMap gate in spec.List("schedulingGates")?.Maps() ?? [])
        {
            FieldPath at = path.Child("schedulingGates").Index(index++);
            string name = gate.String("name") ?? "";
            FieldRules.QualifiedName(name, at, errors);
            if (!seen.Add(name))
            {
                errors.Duplicate(at, name);
            }
        }
    }

    private void HostUsers(JsonMap spec, FieldPath path)
    {
        if (spec["hostUsers"] is not false)
        {
            return;
        }

        // Kubernetes writes two of these with a capital.
        foreach ((string field, string shown) in ((string, string)[])
            [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")])
        {
            if (spec.Flag(field))
            {
                errors.Forbidden(path.Child(shown), NotAsOwnUser);
            }
        }

        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            if (container.List("volumeDevices") is { Count: > 0 })
            {
                errors.Forbidden(at.Child("volumeDevices"), NotAsOwnUser);
            }
        }
    }

    private void Names(JsonMap spec, FieldPath path)
    {
        Name(spec, path, "serviceAccountName", NameRules.DnsSubdomain);
        Name(spec, path, "nodeName", NameRules.DnsSubdomain);
        if (spec.Integer("activeDeadlineSeconds") is { } deadline)
        {
            FieldRules.Follows(NameRules.InRange(deadline, 1, int.MaxValue), deadline, path.Child("activeDeadlineSeconds"), errors);
        }

        Name(spec, path, "hostname", NameRules.DnsLabel);
        Name(spec, path, "subdomain", NameRules.DnsLabel);
        TolerationValidation.Validate(spec.List("tolerations"), path.Child("tolerations"), errors);
        HostAliases(spec.List("hostAliases"), path.Child("hostAliases"));
        Name(spec, path, "priorityClassName", NameRules.DnsSubdomain);
        if (spec.String("runtimeClassName") is { } runtime)
        {
            FieldRules.Subdomain(runtime, path.Child("runtimeClassName"), errors);
        }
    }

    private void Name(JsonMap spec, FieldPath path, string name, Func<string, IEnumerable<string>> rule)
    {
        if (spec.String(name) is { Length: > 0 } value)
        {
            FieldRules.Follows(rule(value), value, path.Child(name), errors);
        }
    }

    private void HostAliases(JsonList? aliases, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap alias in aliases?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            FieldRules.Address(alias.String("ip"), at.Child("ip"), errors);
            int host = 0;
            foreach (string name in alias.List("hostnames")?.Strings() ?? [])
            {
                FieldRules.Subdomain(name, at.Child("hostnames").Index(host++), errors);
            }
        }
    }

    private void HostnameOverride(JsonMap spec, FieldPath path)
    {
        if (spec.String("hostnameOverride") is not { } name)
        {
            return;
        }

        FieldPath at = path.Child("hostnameOverride");
        if (spec.Flag("setHostnameAsFQDN"))
        {
            errors.Forbidden(at, "may not be specified when setHostnameAsFQDN is true");
        }

        if (spec.Flag("hostNetwork"))
        {
            errors.Forbidden(at, "may not be specified when hostNetwork is true");
        }

        if (name.Length > 64)
        {
            errors.TooLong(at, 64);
        }

        FieldRules.Subdomain(name, at, errors);
    }

    /// <summary>Variables come out of files of empty directories only.</summary>
    private void Files(JsonMap spec, FieldPath path)
    {
        foreach ((JsonMap container, FieldPath at) in PodContainers.All(spec, path))
        {
            int index = -1;
            foreach (JsonMap variable in container.List("env")?.Maps() ?? [])
            {
                index++;
                if (variable.Map("valueFrom")?.Map("fileKeyRef") is not { } file)
                {
                    continue;
                }

                FieldPath nameAt = at.Child("env").Index(index).Child("valueFrom").Child("fileKeyRef").Child("volumeName");
                string name = file.String("volumeName") ?? "";
                if ((spec.List("volumes")?.Maps() ?? []).LastOrDefault(v => (v.String("name") ?? "") == name) is not { } volume)
                {
                    errors.NotFound(nameAt, name);
                }
                else if (volume.Map("emptyDir") is null)
                {
                    errors.Invalid(nameAt, name, "referenced volume must be of type emptyDir");
                }
            }
        }
    }
}
