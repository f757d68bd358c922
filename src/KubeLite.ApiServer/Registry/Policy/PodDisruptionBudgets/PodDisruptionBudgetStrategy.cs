using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Policy.PodDisruptionBudgets;

/// <summary>PodDisruptionBudgets (Kubernetes v1.36, <c>pkg/registry/policy/poddisruptionbudget</c>).</summary>
public sealed class PodDisruptionBudgetStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public PodDisruptionBudgetStrategy()
    {
        // Kubernetes looks at the name of a budget only as a part of a path.
        NameRule = NameRules.Segment;
        TracksGeneration = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        object? min = spec["minAvailable"], max = spec["maxUnavailable"];
        if (min is not null && max is not null)
        {
            errors.Invalid(
                path, InternalForm.Of(spec, context.Resource.StorageSchema.Field("spec")!.Schema),
                "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (string name in (string[])["minAvailable", "maxUnavailable"])
        {
            IntOrPercent.Validate(spec[name], path.Child(name), errors);
            IntOrPercent.AtMostAll(spec[name], path.Child(name), errors);
        }

        SelectorValidation.Labels(spec.Map("selector"), path.Child("selector"), errors);
        if (spec.String("unhealthyPodEvictionPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, path.Child("unhealthyPodEvictionPolicy"), errors, "AlwaysAllow", "IfHealthyBudget");
        }
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        ConditionValidation.Validate(obj.Map("status")?.List("conditions"), FieldPath.Of("status", "conditions"), errors);
        WorkloadValidation.Counts(obj.Map("status"), errors, "disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods");
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            spec["minAvailable"] is { } min ? IntOrPercent.Text(min) : "N/A",
            spec["maxUnavailable"] is { } max ? IntOrPercent.Text(max) : "N/A",
            WorkloadTable.Count(obj, "disruptionsAllowed"),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }
}
