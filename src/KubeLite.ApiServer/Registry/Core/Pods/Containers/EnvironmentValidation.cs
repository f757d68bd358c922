using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Containers;

/// <summary>
/// Validates a container's environment and references to a Pod's fields (Kubernetes v1.36, <c>ValidateEnv</c>, <c>ValidateEnvFrom</c>).
/// </summary>
public sealed class EnvironmentValidation(FieldErrors errors)
{
    private const string Units = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

    private static readonly string[] s_fields =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
        "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] s_known =
    [
        "metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels",
        "metadata.annotations", "spec.nodeName", "spec.restartPolicy",
        "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ];

    private static readonly string[] s_resources =
    [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory",
    ];

    /// <summary>Adds the faults of variables.</summary>
    public void Variables(JsonList? variables, FieldPath path)
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
                FieldRules.Follows(NameRules.EnvironmentName(name), name, at.Child("name"), errors);
            }

            if (variable.Map("valueFrom") is { } from)
            {
                ValueFrom(variable, from, at.Child("valueFrom"));
            }
        }
    }

    /// <summary>Adds the faults of whole objects as variables.</summary>
    public void From(JsonList? sources, FieldPath path)
    {
        int index = 0;
        foreach (JsonMap source in sources?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            if (source.String("prefix") is { Length: > 0 } prefix)
            {
                FieldRules.Follows(NameRules.EnvironmentName(prefix), prefix, at.Child("prefix"), errors);
            }

            int count = 0;
            foreach (string kind in (string[])["configMapRef", "secretRef"])
            {
                if (source.Map(kind) is not { } reference)
                {
                    continue;
                }

                count++;
                string name = reference.String("name") ?? "";
                if (name.Length == 0)
                {
                    errors.Required(at.Child(kind).Child("name"));
                }
                else
                {
                    FieldRules.Follows(NameRules.Subdomain(name, true), name, at.Child(kind).Child("name"), errors);
                }
            }

            if (count == 0)
            {
                errors.Invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
            }
            else if (count > 1)
            {
                errors.Invalid(path, "", "may not have more than one field specified at a time");
            }
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
        bool subscript = bracket > 0 && name.EndsWith("']", StringComparison.Ordinal);
        string root = subscript ? name[..bracket] : name, key = subscript ? name[(bracket + 2)..^2] : "";
        string? fault = version != "v1" ? $"unsupported pod version: {version}"
            : subscript && root is not ("metadata.annotations" or "metadata.labels") ? $"field label does not support subscript: {name}"
            : !subscript && !s_known.Contains(name) ? $"field label not supported: {name}" : null;
        if (fault is not null)
        {
            errors.Invalid(path.Child("fieldPath"), name, $"error converting fieldPath: {fault}");
        }
        else if (subscript)
        {
            string shown = root == "metadata.annotations" ? key.ToLowerInvariant() : key;
            FieldRules.QualifiedName(shown, path, errors);
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
        bool hugePages = name.StartsWith("limits.hugepages-", StringComparison.Ordinal)
            || name.StartsWith("requests.hugepages-", StringComparison.Ordinal);
        if (needsContainer && (resource.String("containerName") ?? "").Length == 0)
        {
            errors.Required(path.Child("containerName"));
        }
        else if (name.Length == 0)
        {
            errors.Required(path.Child("resource"));
        }
        else if (!s_resources.Contains(name) && !hugePages)
        {
            errors.NotSupported(path.Child("resource"), name, s_resources);
        }

        if (resource.String("divisor") is not { } divisor || divisor is "0"
            || !Quantity.TryParse(divisor, out Quantity amount, out _) || amount.Sign == 0)
        {
            return;
        }

        string? fault = name switch
        {
            "limits.cpu" or "requests.cpu" when divisor is not ("1" or "1m") =>
                "only divisor's values 1m and 1 are supported with the cpu resource",
            "limits.memory" or "requests.memory" when !IsUnit(divisor) =>
                $"only divisor's values {Units} are supported with the memory resource",
            "limits.ephemeral-storage" or "requests.ephemeral-storage" when !IsUnit(divisor) =>
                $"only divisor's values {Units} are supported with the local ephemeral storage resource",
            _ when hugePages && !IsUnit(divisor) => $"only divisor's values {Units} are supported with the hugepages resource",
            _ => null,
        };
        if (fault is not null)
        {
            errors.Invalid(path.Child("divisor"), name, fault);
        }
    }

    private static bool IsUnit(string divisor) => Units.Split(", ").Contains(divisor);

    private void ValueFrom(JsonMap variable, JsonMap from, FieldPath path)
    {
        int sources = 0;
        if (from.Map("fieldRef") is { } field)
        {
            sources++;
            FieldReference(field, s_fields, path.Child("fieldRef"), errors);
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
                FieldRules.Subdomain(reference.String("name"), path.Child(kind).Child("name"), errors);
                Key(reference, path.Child(kind));
            }
        }

        if (from.Map("fileKeyRef") is { } file)
        {
            sources++;
            File(file, path.Child("fileKeyRef"));
        }

        if (sources == 0)
        {
            errors.Invalid(
                path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
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

    private void File(JsonMap file, FieldPath path)
    {
        Filled("key", key => FieldRules.Follows(NameRules.EnvironmentName(key), key, path.Child("key"), errors));
        Filled("volumeName", volume => FieldRules.Label(volume, path.Child("volumeName"), errors));
        Filled("path", name =>
        {
            if (name.Split('/').Contains(".."))
            {
                errors.Invalid(path.Child("path"), name, "must not contain '..'");
            }
        });

        void Filled(string member, Action<string> check)
        {
            if (file.String(member) is { Length: > 0 } value)
            {
                check(value);
            }
            else
            {
                errors.Required(path.Child(member));
            }
        }
    }

    private void Key(JsonMap reference, FieldPath path)
    {
        string key = reference.String("key") ?? "";
        if (key.Length == 0)
        {
            errors.Required(path.Child("key"));
        }
        else
        {
            FieldRules.Follows(NameRules.ConfigKey(key), key, path.Child("key"), errors);
        }
    }
}
