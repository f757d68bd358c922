using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Names and amounts of compute resources in quotas, ranges and volumes (Kubernetes v1.36, <c>pkg/apis/core/helper</c>).</summary>
public static class ResourceNames
{
    private const long Whole = 1_000_000_000;
    private const string HugePages = "hugepages-";

    private static readonly HashSet<string> s_container = ["cpu", "memory", "ephemeral-storage"];

    private static readonly HashSet<string> s_standard =
    [
        "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory",
        "requests.ephemeral-storage", "limits.cpu", "limits.memory",
        "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
        "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers",
    ];

    private static readonly HashSet<string> s_whole =
    [
        "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
        "services.nodeports", "services.loadbalancers",
    ];

    /// <summary>True for a name with a domain other than Kubernetes' own, from which a quota's name can be made.</summary>
    public static bool IsExtended(string name) =>
        name.Contains('/') && !name.Contains("kubernetes.io/", StringComparison.Ordinal) &&
        !name.StartsWith("requests.", StringComparison.Ordinal) &&
        !NameRules.QualifiedName("requests." + name).Any();

    /// <summary>True for hugepages of a size.</summary>
    public static bool IsHugePages(string name) => name.StartsWith(HugePages, StringComparison.Ordinal);

    /// <summary>True where a limit may be above the request.</summary>
    public static bool IsOvercommitAllowed(string name) =>
        (!name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal)) && !IsHugePages(name);

    /// <summary>True for a name that quotas know without a domain.</summary>
    public static bool IsStandardForQuota(string name) =>
        s_standard.Contains(name) && name != "storage" || IsHugePages(name)
            || name.StartsWith("requests." + HugePages, StringComparison.Ordinal);

    /// <summary>A name of any resource.</summary>
    public static void Any(string name, FieldPath path, FieldErrors errors)
    {
        int before = errors.Count;
        FieldRules.QualifiedName(name, path, errors);
        if (errors.Count == before && !name.Contains('/') && !s_standard.Contains(name)
            && !IsHugePages(name) && !name.StartsWith("requests." + HugePages, StringComparison.Ordinal))
        {
            errors.Invalid(path, name, "must be a standard resource type or fully qualified");
        }
    }

    /// <summary>A name of a resource of containers.</summary>
    public static void Container(string name, FieldPath path, FieldErrors errors)
    {
        Any(name, path, errors);
        if (!name.Contains('/'))
        {
            if (!s_container.Contains(name) && !IsHugePages(name))
            {
                errors.Invalid(path, name, "must be a standard resource for containers");
            }
        }
        else if (!name.Contains("kubernetes.io/", StringComparison.Ordinal) && !IsExtended(name))
        {
            errors.Invalid(path, name, "doesn't follow extended resource name standard");
        }
    }

    /// <summary>A name that a quota may count.</summary>
    public static void Quota(string name, FieldPath path, FieldErrors errors)
    {
        Any(name, path, errors);
        if (!name.Contains('/') && !IsStandardForQuota(name))
        {
            errors.Invalid(path, name, "must be a standard resource for quota");
        }
    }

    /// <summary>An amount of a resource: not below zero, whole where the resource is counted.</summary>
    public static void Amount(string name, object? value, FieldPath path, FieldErrors errors)
    {
        if (!Quantity.TryParse(value as string, out Quantity amount, out _))
        {
            return;
        }

        if (amount.Sign < 0)
        {
            errors.Invalid(path, value, FieldRules.NotNegative);
        }

        if ((s_whole.Contains(name) || IsExtended(name)) && amount.Nanos % Whole != 0)
        {
            errors.Invalid(path, value, "must be an integer");
        }
    }

    /// <summary>An amount that isn't below zero, as capacities say it.</summary>
    public static void Basic(object? value, FieldPath path, FieldErrors errors)
    {
        if (Quantity.TryParse(value as string, out Quantity amount, out _) && amount.Value < 0)
        {
            errors.Invalid(path, amount.Value, "must be a valid resource quantity");
        }
    }

    /// <summary>An amount above zero.</summary>
    public static void Positive(object? value, FieldPath path, FieldErrors errors)
    {
        if (Quantity.TryParse(value as string, out Quantity amount, out _) && amount.Sign <= 0)
        {
            errors.Invalid(path, value, FieldRules.NotPositive);
        }
    }
}
