using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Apps;

/// <summary>What the workloads of <c>apps</c> validate alike (Kubernetes v1.36, <c>pkg/apis/apps/validation</c>).</summary>
public static class WorkloadValidation
{
    private const string Mismatch = "`selector` does not match template `labels`";

    /// <summary>The selector of a workload: there, right and not empty.</summary>
    /// <param name="spec">The workload's spec.</param>
    /// <param name="path">The spec's path.</param>
    /// <param name="kind">What an empty selector is said to be invalid for.</param>
    /// <param name="errors">Gets the errors.</param>
    public static void Selector(JsonMap spec, FieldPath path, string kind, FieldErrors errors)
    {
        JsonMap? selector = spec.Map("selector");
        if (selector is null)
        {
            errors.Required(path.Child("selector"));
            return;
        }

        SelectorValidation.Labels(selector, path.Child("selector"), errors);
        if (LabelSelectors.IsEmpty(selector))
        {
            errors.Invalid(path.Child("selector"), selector, $"empty selector is invalid for {kind}");
        }
    }

    /// <summary>The selector selects the template's labels; an empty one does.</summary>
    public static void TemplateLabels(JsonMap? selector, JsonMap? template, FieldPath path, FieldErrors errors)
    {
        JsonMap? labels = template?.Map("metadata")?.Map("labels");
        if (!LabelSelectors.Selects(selector, labels))
        {
            errors.Invalid(path.Child("metadata").Child("labels"), labels, Mismatch);
        }
    }

    /// <summary>The template of a ReplicaSet or of a Deployment's.</summary>
    public static void ReplicaSetTemplate(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        JsonMap? selector = spec.Map("selector"), template = spec.Map("template");
        FieldPath at = path.Child("template");
        if (!LabelSelectors.IsValid(selector))
        {
            errors.Invalid(path.Child("selector"), selector, "invalid label selector");
            return;
        }

        TemplateLabels(selector, template, at, errors);
        PodTemplateValidation.Validate(template, at, errors);
        AlwaysRestarts(template, at, "ReplicaSet", errors);
    }

    /// <summary>The Pods of a template run for ever.</summary>
    public static void AlwaysRestarts(JsonMap? template, FieldPath path, string kind, FieldErrors errors)
    {
        JsonMap? spec = template?.Map("spec");
        FieldPath at = path.Child("spec");
        FieldRules.OneOf(spec?.String("restartPolicy"), at.Child("restartPolicy"), errors, "Always");
        if (spec?.Integer("activeDeadlineSeconds") is not null)
        {
            errors.Forbidden(at.Child("activeDeadlineSeconds"), $"activeDeadlineSeconds in {kind} is not Supported");
        }
    }

    /// <summary>Counts of a status: none is below zero.</summary>
    public static void Counts(JsonMap? status, FieldErrors errors, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            FieldRules.NonNegative(status, name, FieldPath.Of("status"), errors);
        }
    }

    /// <summary>A count of a status isn't above another.</summary>
    public static void AtMost(JsonMap? status, string name, string most, string detail, FieldErrors errors)
    {
        long value = status?.Integer(name) ?? 0;
        if (value > (status?.Integer(most) ?? 0))
        {
            errors.Invalid(FieldPath.Of("status", name), value, detail);
        }
    }

    /// <summary>The collision count only grows.</summary>
    public static void CollisionCount(JsonMap? status, JsonMap? old, FieldErrors errors)
    {
        long? before = old?.Integer("collisionCount"), now = status?.Integer("collisionCount");
        if (before is not null && (now is null || now < before))
        {
            errors.Invalid(FieldPath.Of("status", "collisionCount"), now ?? 0, "cannot be decremented");
        }
    }
}
