using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Core.Pods.Volumes;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>Validates what containers of every sort have in common (Kubernetes v1.36, <c>validateContainerCommon</c>).</summary>
/// <param name="errors">Gets the faults.</param>
/// <param name="spec">The Pod's spec.</param>
/// <param name="volumes">Its valid volumes by name.</param>
/// <param name="allowPrivileged">True where the cluster allows privileged containers.</param>
public sealed class ContainerValidation(
    FieldErrors errors, JsonMap spec, IReadOnlyDictionary<string, JsonMap> volumes, bool allowPrivileged)
{
    private const string NotForInit = "may not be set for init containers without restartPolicy=Always";

    private readonly EnvironmentValidation _environment = new(errors);
    private readonly MountValidation _mounts = new(errors, volumes);
    private readonly ProbeValidation _probes = new(errors, spec.Integer("terminationGracePeriodSeconds"));
    private readonly ResourceRequirements _resources = new(
        errors, (spec.List("resourceClaims")?.Maps() ?? []).Select(c => c.String("name") ?? "")
            .Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal));

    /// <summary>Adds the faults of the Pod's own resources.</summary>
    public void PodResources(FieldPath path) => _resources.Pod(spec, path);

    /// <summary>Adds the faults of the regular containers.</summary>
    public void Regular(FieldPath path)
    {
        if (spec.List("containers") is not { Count: > 0 } containers)
        {
            errors.Required(path);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap container in containers.Maps())
        {
            FieldPath at = path.Index(index++);
            Common(container, at);
            if (!names.Add(container.String("name") ?? ""))
            {
                errors.Duplicate(at.Child("name"), container.String("name"));
            }

            Hooks(container, at);
            RestartRules(container, at);
        }

        HostPortConflicts([.. containers.Maps()], path);
    }

    /// <summary>Adds the faults of the init containers.</summary>
    public void Init(FieldPath path)
    {
        HashSet<string> names = [.. (spec.List("containers")?.Maps() ?? []).Select(c => c.String("name") ?? "")];
        int index = 0;
        foreach (JsonMap container in spec.List("initContainers")?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            Common(container, at);
            RestartRules(container, at);
            string name = container.String("name") ?? "";
            if (names.Contains(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }
            else if (name.Length > 0)
            {
                names.Add(name);
            }

            HostPortConflicts([container], path);
            if (container.String("restartPolicy") == "Always")
            {
                Hooks(container, at);
                continue;
            }

            foreach (string hook in (string[])["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container.Map(hook) is not null)
                {
                    errors.Forbidden(at.Child(hook), NotForInit);
                }
            }

            int policy = 0;
            foreach (JsonMap resize in container.List("resizePolicy")?.Maps() ?? [])
            {
                FieldPath policyAt = at.Child("resizePolicy").Index(policy++).Child("restartPolicy");
                if (resize.String("restartPolicy") == "RestartContainer")
                {
                    errors.Invalid(policyAt, "RestartContainer", "must not be set to 'RestartContainer' for non-sidecar initContainers");
                }
            }
        }
    }

    /// <summary>Adds the faults that a container of any sort may have.</summary>
    public void Common(JsonMap container, FieldPath path)
    {
        string name = container.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }
        else
        {
            FieldRules.Label(name, path.Child("name"), errors);
        }

        if ((container.String("image") ?? "").Length == 0)
        {
            errors.Required(path.Child("image"));
        }

        FieldRules.RequiredOneOf(
            container.String("terminationMessagePolicy"), path.Child("terminationMessagePolicy"), errors, "File", "FallbackToLogsOnError");
        Ports(container.List("ports"), path.Child("ports"));
        _environment.Variables(container.List("env"), path.Child("env"));
        _environment.From(container.List("envFrom"), path.Child("envFrom"));
        _mounts.Mounts(container, path.Child("volumeMounts"));
        _mounts.Devices(container, path.Child("volumeDevices"));
        FieldRules.RequiredOneOf(
            container.String("imagePullPolicy"), path.Child("imagePullPolicy"), errors, "Always", "IfNotPresent", "Never");
        _resources.Container(container.Map("resources"), path.Child("resources"));
        ResizePolicy(container.List("resizePolicy"), path.Child("resizePolicy"));
        SecurityContextValidation.Container(
            container.Map("securityContext"), spec["hostUsers"] is not false, allowPrivileged, path.Child("securityContext"), errors);
    }

    private void Hooks(JsonMap container, FieldPath path)
    {
        _probes.Lifecycle(container.Map("lifecycle"), path.Child("lifecycle"));
        _probes.Probe(container.Map("livenessProbe"), path.Child("livenessProbe"), readiness: false);
        _probes.Probe(container.Map("readinessProbe"), path.Child("readinessProbe"), readiness: true);
        _probes.Probe(container.Map("startupProbe"), path.Child("startupProbe"), readiness: false);
    }

    private void RestartRules(JsonMap container, FieldPath path)
    {
        JsonList? rules = container.List("restartPolicyRules");
        if (container.String("restartPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, path.Child("restartPolicy"), errors, "Always", "Never", "OnFailure");
        }
        else if (rules is { Count: > 0 })
        {
            errors.Required(path.Child("restartPolicy"), "must specify restartPolicy when restart rules are used");
        }

        if (rules is { Count: > 20 })
        {
            errors.TooMany(path.Child("restartPolicyRules"), rules.Count, 20);
        }

        int index = 0;
        foreach (JsonMap rule in rules?.Maps() ?? [])
        {
            FieldPath at = path.Child("restartPolicyRules").Index(index++);
            FieldRules.OneOf(rule.String("action"), at.Child("action"), errors, "Restart", "RestartAllContainers");
            if (rule.Map("exitCodes") is not { } codes)
            {
                errors.Required(at.Child("exitCodes"), "must be specified");
                continue;
            }

            FieldRules.OneOf(codes.String("operator"), at.Child("exitCodes").Child("operator"), errors, "In", "NotIn");
            if (codes.List("values") is { Count: > 255 } values)
            {
                errors.TooMany(at.Child("exitCodes").Child("values"), values.Count, 255);
            }
        }
    }

    private void Ports(JsonList? ports, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (port.String("name") is { Length: > 0 } name)
            {
                List<string> faults = [.. NameRules.PortName(name)];
                FieldRules.Follows(faults, name, at.Child("name"), errors);
                if (faults.Count == 0 && !names.Add(name))
                {
                    errors.Duplicate(at.Child("name"), name);
                }
            }

            long number = port.Integer("containerPort") ?? 0, host = port.Integer("hostPort") ?? 0;
            if (number == 0)
            {
                errors.Required(at.Child("containerPort"));
            }
            else
            {
                FieldRules.Follows(NameRules.PortNumber(number), number, at.Child("containerPort"), errors);
            }

            if (host != 0)
            {
                FieldRules.Follows(NameRules.PortNumber(host), host, at.Child("hostPort"), errors);
            }

            FieldRules.RequiredOneOf(port.String("protocol"), at.Child("protocol"), errors, "SCTP", "TCP", "UDP");
        }
    }

    private void HostPortConflicts(IReadOnlyList<JsonMap> containers, FieldPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int container = 0; container < containers.Count; container++)
        {
            int index = 0;
            foreach (JsonMap port in containers[container].List("ports")?.Maps() ?? [])
            {
                FieldPath at = path.Index(container).Child("ports").Index(index++);
                string key = $"{port.String("protocol")}/{port.String("hostIP")}/{port.Integer("hostPort")}";
                if (port.Integer("hostPort") is not (null or 0) && !seen.Add(key))
                {
                    errors.Duplicate(at.Child("hostPort"), key);
                }
            }
        }
    }

    private void ResizePolicy(JsonList? policies, FieldPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap policy in policies?.Maps() ?? [])
        {
            string resource = policy.String("resourceName") ?? "", restart = policy.String("restartPolicy") ?? "";
            if (!seen.Add(resource))
            {
                errors.Duplicate(path.Index(index), resource);
            }

            index++;
            FieldRules.RequiredOneOf(resource, path, errors, "cpu", "memory");
            FieldRules.RequiredOneOf(restart, path, errors, "NotRequired", "RestartContainer");
            if (spec.String("restartPolicy") == "Never" && restart != "NotRequired")
            {
                errors.Invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
            }
        }
    }
}
