using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Apps.StatefulSets;

/// <summary>Validates a StatefulSet's spec (Kubernetes v1.36, <c>ValidateStatefulSetSpec</c>).</summary>
internal static class StatefulSetValidation
{
    public static void Spec(WriteContext context, JsonMap spec, FieldPath path, FieldErrors errors)
    {
        if (spec.String("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            string policy = spec.String("podManagementPolicy") ?? "";
            errors.Invalid(path.Child("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'");
        }

        UpdateStrategy(context, spec.MapAt("updateStrategy"), path.Child("updateStrategy"), errors);
        if (spec.Map("persistentVolumeClaimRetentionPolicy") is { } retention)
        {
            FieldPath at = path.Child("persistentVolumeClaimRetentionPolicy");
            FieldRules.OneOf(retention.String("whenDeleted"), at.Child("whenDeleted"), errors, "Retain", "Delete");
            FieldRules.OneOf(retention.String("whenScaled"), at.Child("whenScaled"), errors, "Retain", "Delete");
        }

        FieldRules.NonNegative(spec, "replicas", path, errors);
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        if (spec.Map("ordinals") is { } ordinals)
        {
            FieldRules.NonNegative(ordinals, "start", path.Child("ordinals"), errors);
        }

        WorkloadValidation.Selector(spec, path, "statefulset", errors);
        Template(spec, path, errors);
        FieldRules.NonNegative(spec, "revisionHistoryLimit", path, errors);
    }

    private static void Template(JsonMap spec, FieldPath path, FieldErrors errors)
    {
        JsonMap? selector = spec.Map("selector"), template = spec.Map("template");
        FieldPath at = path.Child("template");
        if (!LabelSelectors.IsValid(selector))
        {
            errors.Invalid(path.Child("selector"), selector, "");
        }
        else
        {
            WorkloadValidation.TemplateLabels(selector, template, at, errors);
            // The Pod's spec isn't looked at: its volumes may come from claim templates.
            MetadataValidation.Template(template?.Map("metadata"), at, errors);
        }

        WorkloadValidation.AlwaysRestarts(template, at, "StatefulSet", errors);
    }

    private static void UpdateStrategy(WriteContext context, JsonMap strategy, FieldPath path, FieldErrors errors)
    {
        JsonMap? rolling = strategy.Map("rollingUpdate");
        Schema schema = context.Resource.StorageSchema.Field("spec")!.Schema.Field("updateStrategy")!.Schema;
        FieldPath at = path.Child("rollingUpdate");
        switch (strategy.String("type"))
        {
            case "OnDelete":
                if (rolling is not null)
                {
                    errors.Invalid(at, InternalForm.Of(rolling, schema.Field("rollingUpdate")!.Schema), "only allowed for updateStrategy 'RollingUpdate'");
                }

                break;
            case "RollingUpdate":
                FieldRules.NonNegative(rolling, "partition", at, errors);
                if (rolling?["maxUnavailable"] is { } unavailable)
                {
                    at = at.Child("maxUnavailable");
                    IntOrPercent.Validate(unavailable, at, errors);
                    if (IntOrPercent.Number(unavailable) == 0)
                    {
                        errors.Invalid(at, unavailable, "cannot be 0");
                    }

                    IntOrPercent.AtMostAll(unavailable, at, errors);
                }

                break;
            default:
                errors.Invalid(path, InternalForm.Of(strategy, schema), "must be 'RollingUpdate' or 'OnDelete'");
                break;
        }
    }
}
