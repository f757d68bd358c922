using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Validates containers and init containers.</summary>
public sealed class ContainerValidation(FieldErrors errors, bool allowPrivileged)
{
    private static readonly string[] s_fieldRefs =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] s_resourceRefs =
    [
        "limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
    ];

    private readonly ProbeValidation _probes = new(errors);

    /// <summary>Adds the faults of a spec's containers.</summary>
    public void Containers(JsonMap spec, HashSet<string> volumes, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        bool hostNetwork = spec.Flag("hostNetwork");
        FieldPath containers = path.Child("containers");
        if (spec.List("containers") is not { Count: > 0 } list)
        {
            errors.Required(containers);
        }
        else
        {
            int index = 0;
            foreach (JsonMap container in list.Maps())
            {
                One(container, volumes, names, hostNetwork, containers.Index(index++), init: false);
            }

            HostPortConflicts(list, containers);
        }

        int at = 0;
        foreach (JsonMap container in spec.List("initContainers")?.Maps() ?? [])
        {
            One(container, volumes, names, hostNetwork, path.Child("initContainers").Index(at++), init: true);
        }
    }

    private void One(JsonMap container, HashSet<string> volumes, HashSet<string> names, bool hostNetwork, FieldPath path, bool init)
    {
        string name = container.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"));
        }
        else
        {
            Faults(path.Child("name"), name, NameRules.DnsLabel(name));
            if (!names.Add(name))
            {
                errors.Duplicate(path.Child("name"), name);
            }
        }

        string image = container.String("image") ?? "";
        if (image.Length == 0)
        {
            errors.Required(path.Child("image"));
        }
        else if (image.Trim().Length != image.Length)
        {
            errors.Invalid(path.Child("image"), image, "must not have leading or trailing whitespace");
        }

        bool sidecar = init && container.String("restartPolicy") == "Always";
        if (init && container.String("restartPolicy") is { } policy && policy is not ("Always" or "Never" or "OnFailure"))
        {
            errors.NotSupported(path.Child("restartPolicy"), policy, "Always", "Never", "OnFailure");
        }

        if (init && !sidecar)
        {
            foreach (string forbidden in (string[])["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container.Map(forbidden) is not null)
                {
                    errors.Forbidden(path.Child(forbidden), "may not be set for init containers without restartPolicy=Always");
                }
            }
        }
        else
        {
            _probes.Lifecycle(container.Map("lifecycle"), path.Child("lifecycle"));
            _probes.Probe(container.Map("livenessProbe"), path.Child("livenessProbe"), successOne: true);
            _probes.Probe(container.Map("readinessProbe"), path.Child("readinessProbe"), successOne: false);
            _probes.Probe(container.Map("startupProbe"), path.Child("startupProbe"), successOne: true);
        }

        string message = container.String("terminationMessagePolicy") ?? "";
        if (message.Length > 0 && message is not ("File" or "FallbackToLogsOnError"))
        {
            errors.NotSupported(path.Child("terminationMessagePolicy"), message, "FallbackToLogsOnError", "File");
        }

        Ports(container.List("ports"), hostNetwork, path.Child("ports"));
        Environment(container.List("env"), path.Child("env"));
        EnvironmentFrom(container.List("envFrom"), path.Child("envFrom"));
        Mounts(container.List("volumeMounts"), volumes, path.Child("volumeMounts"));
        PullPolicy(container.String("imagePullPolicy"), path.Child("imagePullPolicy"));
        Resources(container.Map("resources"), path.Child("resources"));
        SecurityContextValidation.Container(container.Map("securityContext"), allowPrivileged, path.Child("securityContext"), errors);
    }

    private void PullPolicy(string? policy, FieldPath path)
    {
        if (string.IsNullOrEmpty(policy))
        {
            errors.Required(path);
        }
        else if (policy is not ("Always" or "IfNotPresent" or "Never"))
        {
            errors.NotSupported(path, policy, "Always", "IfNotPresent", "Never");
        }
    }

    private void Ports(JsonList? ports, bool hostNetwork, FieldPath path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (port.String("name") is { Length: > 0 } name)
            {
                List<string> faults = [.. NameRules.PortName(name)];
                Faults(at.Child("name"), name, faults);
                if (faults.Count == 0 && !names.Add(name))
                {
                    errors.Duplicate(at.Child("name"), name);
                }
            }

            long number = port.Integer("containerPort") ?? 0;
            if (number == 0)
            {
                errors.Required(at.Child("containerPort"));
            }
            else
            {
                Faults(at.Child("containerPort"), number, NameRules.PortNumber(number));
            }

            if (port.Integer("hostPort") is > 0 or < 0)
            {
                long host = port.Integer("hostPort")!.Value;
                Faults(at.Child("hostPort"), host, NameRules.PortNumber(host));
                if (hostNetwork && host != number)
                {
                    errors.Invalid(at.Child("hostPort"), host, "must match `containerPort` when `hostNetwork` is true");
                }
            }

            string protocol = port.String("protocol") ?? "";
            if (protocol.Length == 0)
            {
                errors.Required(at.Child("protocol"));
            }
            else if (protocol is not ("TCP" or "UDP" or "SCTP"))
            {
                errors.NotSupported(at.Child("protocol"), protocol, "SCTP", "TCP", "UDP");
            }
        }
    }

    private void HostPortConflicts(JsonList containers, FieldPath path)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int container = 0;
        foreach (JsonMap item in containers.Maps())
        {
            int index = 0;
            foreach (JsonMap port in item.List("ports")?.Maps() ?? [])
            {
                if (port.Integer("hostPort") is > 0 and var host && !seen.Add($"{port.String("protocol")}/{port.String("hostIP")}/{host}"))
                {
                    errors.Duplicate(path.Index(container).Child("ports").Index(index).Child("hostPort"), $"{port.String("protocol")}/{port.String("hostIP")}/{host}");
                }

                index++;
            }

            container++;
        }
    }

    private void Environment(JsonList? variables, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap variable in variables?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = variable.String("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else
            {
                Faults(at.Child("name"), name, NameRules.EnvironmentName(name));
            }

            if (variable.Map("valueFrom") is { } from)
            {
                ValueFrom(variable, from, at.Child("valueFrom"));
            }
        }
    }

    private void ValueFrom(JsonMap variable, JsonMap from, FieldPath path)
    {
        int sources = 0;
        if (from.Map("fieldRef") is { } field)
        {
            sources++;
            FieldReference(field, s_fieldRefs, path.Child("fieldRef"), errors);
        }

        if (from.Map("resourceFieldRef") is { } resource)
        {
            sources++;
            ResourceReference(resource, path.Child("resourceFieldRef"), needsContainer: false, errors);
        }

        foreach (string kind in (string[])["configMapKeyRef", "secretKeyRef"])
        {
            if (from.Map(kind) is { } reference)
            {
                sources++;
                string name = reference.String("name") ?? "", key = reference.String("key") ?? "";
                Faults(path.Child(kind).Child("name"), name, NameRules.DnsSubdomain(name));
                if (key.Length == 0)
                {
                    errors.Required(path.Child(kind).Child("key"));
                }
                else
                {
                    Faults(path.Child(kind).Child("key"), key, NameRules.ConfigKey(key));
                }
            }
        }

        if (from.Map("fileKeyRef") is not null)
        {
            sources++;
        }

        if (sources == 0)
        {
            errors.Invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
        }
        else if ((variable.String("value") ?? "").Length > 0)
        {
            errors.Invalid(path, "", "may not be specified when `value` is not empty");
        }
        else if (sources > 1)
        {
            errors.Invalid(path, "", "may not have more than one field specified at a time");
        }
    }

    /// <summary>Adds the faults of a reference to one of the Pod's own fields.</summary>
    public static void FieldReference(JsonMap field, IReadOnlyList<string> allowed, FieldPath path, FieldErrors errors)
    {
        string version = field.String("apiVersion") ?? "", name = field.String("fieldPath") ?? "";
        if (version.Length == 0)
        {
            errors.Required(path.Child("apiVersion"));
            return;
        }

        if (name.Length == 0)
        {
            errors.Required(path.Child("fieldPath"));
            return;
        }

        int bracket = name.IndexOf("['", StringComparison.Ordinal);
        if (bracket > 0 && name.EndsWith("']", StringComparison.Ordinal))
        {
            string root = name[..bracket], key = name[(bracket + 2)..^2];
            switch (root)
            {
                case "metadata.annotations":
                    foreach (string fault in NameRules.QualifiedName(key.ToLowerInvariant()))
                    {
                        errors.Invalid(path, key, fault);
                    }

                    break;
                case "metadata.labels":
                    foreach (string fault in NameRules.QualifiedName(key))
                    {
                        errors.Invalid(path, key, fault);
                    }

                    break;
                default:
                    errors.Invalid(path, name, "does not support subscript");
                    break;
            }

            return;
        }

        bool known = name is "metadata.name" or "metadata.namespace" or "metadata.uid" or "metadata.labels" or "metadata.annotations" or
            "spec.nodeName" or "spec.restartPolicy" or "spec.schedulerName" or "spec.serviceAccountName" or "spec.hostNetwork" or
            "status.phase" or "status.hostIP" or "status.hostIPs" or "status.podIP" or "status.podIPs" or "status.nominatedNodeName";
        if (!known)
        {
            errors.Invalid(path.Child("fieldPath"), name, $"error converting fieldPath: field label not supported: {name}");
        }
        else if (!allowed.Contains(name))
        {
            errors.NotSupported(path.Child("fieldPath"), name, allowed.Order(StringComparer.Ordinal));
        }
    }

    /// <summary>Adds the faults of a reference to a container's resources.</summary>
    public static void ResourceReference(JsonMap resource, FieldPath path, bool needsContainer, FieldErrors errors)
    {
        string name = resource.String("resource") ?? "";
        if (needsContainer && (resource.String("containerName") ?? "").Length == 0)
        {
            errors.Required(path.Child("containerName"));
        }
        else if (name.Length == 0)
        {
            errors.Required(path.Child("resource"));
        }
        else if (!s_resourceRefs.Contains(name) && !name.StartsWith("limits.hugepages-", StringComparison.Ordinal) && !name.StartsWith("requests.hugepages-", StringComparison.Ordinal))
        {
            errors.NotSupported(path.Child("resource"), name, s_resourceRefs.Order(StringComparer.Ordinal));
        }
    }

    private void EnvironmentFrom(JsonList? sources, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap source in sources?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (source.String("prefix") is { Length: > 0 } prefix)
            {
                Faults(at.Child("prefix"), prefix, NameRules.EnvironmentName(prefix));
            }

            int count = 0;
            foreach (string kind in (string[])["configMapRef", "secretRef"])
            {
                if (source.Map(kind) is { } reference)
                {
                    count++;
                    string name = reference.String("name") ?? "";
                    Faults(at.Child(kind).Child("name"), name, NameRules.DnsSubdomain(name));
                }
            }

            if (count == 0)
            {
                errors.Invalid(at, "", "must specify one of: `configMapRef` or `secretRef`");
            }
            else if (count > 1)
            {
                errors.Invalid(at, "", "may not have more than one field specified at a time");
            }
        }
    }

    private void Mounts(JsonList? mounts, HashSet<string> volumes, FieldPath path)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap mount in mounts?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = mount.String("name") ?? "", target = mount.String("mountPath") ?? "";
            if (name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }

            if (!volumes.Contains(name))
            {
                errors.NotFound(at.Child("name"), name);
            }

            if (target.Length == 0)
            {
                errors.Required(at.Child("mountPath"));
            }

            if (!paths.Add(target))
            {
                errors.Invalid(at.Child("mountPath"), target, "must be unique");
            }

            string sub = mount.String("subPath") ?? "", expression = mount.String("subPathExpr") ?? "";
            if (sub.Length > 0)
            {
                LocalPath(sub, at.Child("subPath"), errors);
            }

            if (expression.Length > 0)
            {
                if (sub.Length > 0)
                {
                    errors.Invalid(at.Child("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
                }

                LocalPath(expression, at.Child("subPathExpr"), errors);
            }

            if (mount.String("mountPropagation") is { } propagation && propagation is not ("Bidirectional" or "HostToContainer" or "None"))
            {
                errors.NotSupported(at.Child("mountPropagation"), propagation, "Bidirectional", "HostToContainer", "None");
            }
        }
    }

    /// <summary>Adds the faults of a path below a volume's root.</summary>
    public static void LocalPath(string value, FieldPath path, FieldErrors errors)
    {
        if (value.StartsWith('/'))
        {
            errors.Invalid(path, value, "must be a relative path");
        }

        if (value.Split('/').Contains(".."))
        {
            errors.Invalid(path, value, "must not contain '..'");
        }
    }

    private void Resources(JsonMap? resources, FieldPath path)
    {
        JsonMap? limits = resources?.Map("limits"), requests = resources?.Map("requests");
        foreach (var (name, value) in limits ?? [])
        {
            Amount(name, value, path.Child("limits"));
        }

        foreach (var (name, value) in requests ?? [])
        {
            Amount(name, value, path.Child("requests"));
            if (limits is not null && limits.TryGetValue(name, out object? limit) &&
                Quantity.TryParse(value as string, out Quantity request, out _) && Quantity.TryParse(limit as string, out Quantity most, out _))
            {
                bool overcommits = name is "cpu" or "memory" or "ephemeral-storage";
                if (!overcommits && request.Nanos != most.Nanos)
                {
                    errors.Invalid(path.Child("requests"), value, $"must be equal to {name} limit of {limit}");
                }
                else if (overcommits && request.Nanos > most.Nanos)
                {
                    errors.Invalid(path.Child("requests"), value, $"must be less than or equal to {name} limit of {limit}");
                }
            }
        }
    }

    private void Amount(string name, object? value, FieldPath path)
    {
        FieldPath at = path.Key(name);
        foreach (string fault in NameRules.QualifiedName(name))
        {
            errors.Invalid(path, name, fault);
        }

        if (!name.Contains('/') && name is not ("cpu" or "memory" or "ephemeral-storage") && !name.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            errors.Invalid(at, name, "must be a standard resource type or fully qualified");
            errors.Invalid(at, name, "must be a standard resource for containers");
        }

        if (Quantity.TryParse(value as string, out Quantity amount, out _))
        {
            if (amount.Sign < 0)
            {
                errors.Invalid(at, value, "must be greater than or equal to 0");
            }
            else if (name.Contains('/') && amount.Nanos % 1_000_000_000 != 0)
            {
                errors.Invalid(at, value, "must be an integer");
            }
        }
    }

    private void Faults(FieldPath path, object value, IEnumerable<string> faults)
    {
        foreach (string fault in faults)
        {
            errors.Invalid(path, value, fault);
        }
    }
}
