using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Autoscaling.HorizontalPodAutoscalers;

/// <summary>Validates autoscalers (Kubernetes v1.36, <c>pkg/apis/autoscaling/validation</c>).</summary>
internal static class HorizontalPodAutoscalerValidation
{
    private const long MaxPeriodSeconds = 1800;
    private const long MaxStabilizationWindowSeconds = 3600;

    private static readonly string[] s_sources = ["ContainerResource", "External", "Object", "Pods", "Resource"];

    /// <summary>Validates a spec; the old one, where there is one, may keep what it has.</summary>
    public static void Spec(JsonMap spec, JsonMap? old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        long? min = spec.Integer("minReplicas");
        long max = spec.Integer("maxReplicas") ?? 0, lowest = old?.Integer("minReplicas") == 0 ? 0 : 1;
        if (min < lowest)
        {
            errors.Invalid(path.Child("minReplicas"), min, $"must be greater than or equal to {lowest}");
        }

        if (max == 0)
        {
            errors.Required(path.Child("maxReplicas"), "must be set and greater than 0");
        }
        else if (max < 0)
        {
            errors.Invalid(path.Child("maxReplicas"), max, "must be greater than or equal to 1");
        }

        if (max < min)
        {
            errors.Invalid(path.Child("maxReplicas"), max, "must be greater than or equal to `minReplicas`");
        }

        // A target that stays of its kind may stay of a version that wouldn't be taken today; one kind alone is of the core group.
        JsonMap? target = spec.Map("scaleTargetRef"), oldTarget = old?.Map("scaleTargetRef");
        bool same = oldTarget is not null && Same("apiVersion") && Same("kind");
        Reference(target, path.Child("scaleTargetRef"), target?.String("kind") == "ReplicationController", same, errors);
        Metrics(spec, old, path.Child("metrics"), errors);
        ScalingRules(spec.Map("behavior")?.Map("scaleUp"), path.Child("behavior").Child("scaleUp"), errors);
        ScalingRules(spec.Map("behavior")?.Map("scaleDown"), path.Child("behavior").Child("scaleDown"), errors);

        bool Same(string name) => (oldTarget.String(name) ?? "") == (target?.String(name) ?? "");
    }

    private static void Reference(JsonMap? reference, FieldPath path, bool coreAllowed, bool versionIgnored, FieldErrors errors)
    {
        foreach (string name in (string[])["kind", "name"])
        {
            string value = reference?.String(name) ?? "";
            if (value.Length == 0)
            {
                errors.Required(path.Child(name));
            }
            else
            {
                FieldRules.Follows(NameRules.PathSegment(value), value, path.Child(name), errors);
            }
        }

        if (!versionIgnored && VersionFault(reference, coreAllowed) is { } fault)
        {
            errors.Invalid(path.Child("apiVersion"), reference?.String("apiVersion") ?? "", fault);
        }
    }

    private static string? VersionFault(JsonMap? reference, bool coreAllowed)
    {
        string version = reference?.String("apiVersion") ?? "";
        int slashes = version.Count(c => c == '/');
        if (slashes > 1)
        {
            return $"unexpected GroupVersion string: {version}";
        }

        bool core = slashes == 0 || version.StartsWith('/');
        return core && !coreAllowed ? "apiVersion must specify API group" : null;
    }

    private static void Metrics(JsonMap spec, JsonMap? old, FieldPath path, FieldErrors errors)
    {
        bool fromElsewhere = false;
        int i = 0;
        bool oldWrong =
            (old?.List("metrics")?.Maps() ?? []).Any(m => VersionFault(m.Map("object")?.Map("describedObject"), true) is not null);
        foreach (JsonMap metric in spec.List("metrics")?.Maps() ?? [])
        {
            Metric(metric, path.Index(i++), oldWrong, errors);
            fromElsewhere |= metric.String("type") is "Object" or "External";
        }

        if (spec.Integer("minReplicas") == 0 && !fromElsewhere)
        {
            errors.Forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas");
        }
    }

    private static void Metric(JsonMap metric, FieldPath path, bool versionIgnored, FieldErrors errors)
    {
        string type = metric.String("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required(path.Child("type"), "must specify a metric source type");
        }

        FieldRules.OneOf(type, path.Child("type"), errors, s_sources);
        var present = new List<string>();
        foreach (string name in (string[])["object", "external", "pods", "resource", "containerResource"])
        {
            if (metric.Map(name) is not { } source)
            {
                continue;
            }

            present.Add(name);
            if (present.Count == 1)
            {
                Source(name, source, path.Child(name), versionIgnored, errors);
            }
        }

        string expected = type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];
        if (!s_sources.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, s_sources);
            expected = "";
        }
        else if (metric.Map(expected) is null)
        {
            errors.Required(path.Child(expected), "must populate information for the given metric source");
        }

        if (present.Count != 1)
        {
            foreach (string name in present.Where(n => n != expected))
            {
                errors.Forbidden(path.Child(name), "must populate the given metric source only");
            }
        }
    }

    private static void Source(string kind, JsonMap source, FieldPath path, bool versionIgnored, FieldErrors errors)
    {
        JsonMap? target = source.Map("target");
        FieldPath at = path.Child("target");
        bool average = target?["averageValue"] is not null,
            value = target?["value"] is not null, utilization = target?["averageUtilization"] is not null;
        switch (kind)
        {
            case "object":
                Reference(source.Map("describedObject"), path.Child("describedObject"), true, versionIgnored, errors);
                Identifier(source.Map("metric"), path.Child("metric"), errors);
                Target(target, at, errors);
                Need(value || average, "averageValue", "must set either a target value or averageValue");
                break;
            case "external":
                Identifier(source.Map("metric"), path.Child("metric"), errors);
                Target(target, at, errors);
                Need(value || average, "averageValue", "must set either a target value for metric or a per-pod target");
                NotBoth(value && average, "value", "may not set both a target value for metric and a per-pod target");
                break;
            case "pods":
                Identifier(source.Map("metric"), path.Child("metric"), errors);
                Target(target, at, errors);
                Need(average, "averageValue", "must specify a positive target averageValue");
                break;
            default:
                if ((source.String("name") ?? "").Length == 0)
                {
                    errors.Required(path.Child("name"), "must specify a resource name");
                }
                else if (kind == "containerResource")
                {
                    ResourceNames.Container(source.String("name")!, path.Child("name"), errors);
                }

                if (kind == "containerResource")
                {
                    Container(source, path, errors);
                }

                Target(target, at, errors);
                Need(utilization || average, "averageUtilization", "must set either a target raw value or a target utilization");
                NotBoth(utilization && average, "averageValue", "may not set both a target raw value and a target utilization");
                break;
        }

        void Need(bool there, string name, string detail)
        {
            if (!there)
            {
                errors.Required(at.Child(name), detail);
            }
        }

        void NotBoth(bool both, string name, string detail)
        {
            if (both)
            {
                errors.Forbidden(at.Child(name), detail);
            }
        }
    }

    private static void Container(JsonMap source, FieldPath path, FieldErrors errors)
    {
        string container = source.String("container") ?? "";
        if (container.Length == 0)
        {
            errors.Required(path.Child("container"), "must specify a container");
        }
        else
        {
            FieldRules.Label(container, path.Child("container"), errors);
        }
    }

    private static void Identifier(JsonMap? metric, FieldPath path, FieldErrors errors)
    {
        string name = metric?.String("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required(path.Child("name"), "must specify a metric name");
        }
        else
        {
            FieldRules.Follows(NameRules.PathSegment(name), name, path.Child("name"), errors);
        }
    }

    private static void Target(JsonMap? target, FieldPath path, FieldErrors errors)
    {
        string type = target?.String("type") ?? "";
        if (type.Length == 0)
        {
            errors.Required(path.Child("type"), "must specify a metric target type");
        }

        if (type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid(path.Child("type"), type, "must be either Utilization, Value, or AverageValue");
        }

        foreach (string name in (string[])["value", "averageValue"])
        {
            if (target?.String(name) is { } text && Quantity.TryParse(text, out Quantity quantity, out _) && quantity.Sign != 1)
            {
                errors.Invalid(path.Child(name), text, "must be positive");
            }
        }

        if (target?.Integer("averageUtilization") is < 1 and var utilization)
        {
            errors.Invalid(path.Child("averageUtilization"), utilization, "must be greater than 0");
        }
    }

    private static void ScalingRules(JsonMap? rules, FieldPath path, FieldErrors errors)
    {
        if (rules is null)
        {
            return;
        }

        if (rules.Integer("stabilizationWindowSeconds") is { } window)
        {
            if (window < 0)
            {
                errors.Invalid(path.Child("stabilizationWindowSeconds"), window, "must be greater than or equal to zero");
            }

            if (window > MaxStabilizationWindowSeconds)
            {
                errors.Invalid(
                    path.Child("stabilizationWindowSeconds"), window, $"must be less than or equal to {MaxStabilizationWindowSeconds}");
            }
        }

        if (rules.String("selectPolicy") is { } select)
        {
            FieldRules.OneOf(select, path.Child("selectPolicy"), errors, "Disabled", "Max", "Min");
        }

        JsonList policies = rules.List("policies") ?? [];
        if (policies.Count == 0)
        {
            errors.Required(path.Child("policies"), "must specify at least one Policy");
        }

        int i = 0;
        foreach (JsonMap policy in policies.Maps())
        {
            Policy(policy, path.Child("policies").Index(i++), errors);
        }

        if (rules.String("tolerance") is { } tolerance && Quantity.TryParse(tolerance, out Quantity quantity, out _) && quantity.Sign < 0)
        {
            errors.Invalid(path.Child("tolerance"), tolerance, FieldRules.NotNegative);
        }
    }

    private static void Policy(JsonMap policy, FieldPath path, FieldErrors errors)
    {
        FieldRules.OneOf(policy.String("type"), path.Child("type"), errors, "Percent", "Pods");
        foreach (string name in (string[])["value", "periodSeconds"])
        {
            long value = policy.Integer(name) ?? 0;
            if (value <= 0)
            {
                errors.Invalid(path.Child(name), value, FieldRules.NotPositive);
            }
        }

        if (policy.Integer("periodSeconds") is > MaxPeriodSeconds and var period)
        {
            errors.Invalid(path.Child("periodSeconds"), period, $"must be less than or equal to {MaxPeriodSeconds}");
        }
    }
}
