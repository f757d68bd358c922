using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Apps.StatefulSets;

/// <summary>Validates a StatefulSet's spec (Kubernetes v1.36, <c>ValidateStatefulSetSpec</c>).</summary>
internal static class StatefulSetValidation
{
    /// <summary>Adds the faults of a spec.</summary>
    /// <param name="context">The write.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="old">The stored spec; null for a new set. What wasn't always looked at may stay wrong where it was.</param>
    /// <param name="path">The spec's path.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Spec(WriteContext context, JsonMap spec, JsonMap? old, FieldPath path, FieldErrors errors) =>
        Spec(context, spec, isNew: old is null, whole: old is null || !HasFaults(context, old, path), path, errors);

    /// <summary>True where a stored spec would not be taken today: then its template isn't looked at as a whole.</summary>
    private static bool HasFaults(WriteContext context, JsonMap spec, FieldPath path)
    {
        var errors = new FieldErrors();
        Spec(context, spec, isNew: false, whole: true, path, errors);
        return errors.Count > 0;
    }

    private static void Spec(WriteContext context, JsonMap spec, bool isNew, bool whole, FieldPath path, FieldErrors errors)
    {
        if (spec.String("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            string policy = spec.String("podManagementPolicy") ?? "";
            errors.Invalid(path.Child("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'");
        }

        UpdateStrategy(context, spec.Map("updateStrategy") ?? new JsonMap(), path.Child("updateStrategy"), errors);
        if (spec.Map("persistentVolumeClaimRetentionPolicy") is { } retention)
        {
            FieldPath at = path.Child("persistentVolumeClaimRetentionPolicy");
            FieldRules.OneOf(retention.String("whenDeleted"), at.Child("whenDeleted"), errors, "Retain", "Delete");
            FieldRules.OneOf(retention.String("whenScaled"), at.Child("whenScaled"), errors, "Retain", "Delete");
        }

        int index = 0;
        foreach (JsonMap claim in isNew ? spec.List("volumeClaimTemplates")?.Maps() ?? [] : [])
        {
            PersistentVolumeClaimValidation.Spec(
                claim.Map("spec") ?? new JsonMap(), path.Child("volumeClaimTemplates").Index(index++).Child("spec"), errors);
        }

        FieldRules.NonNegative(spec, "replicas", path, errors);
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        if (spec.Map("ordinals") is { } ordinals)
        {
            FieldRules.NonNegative(ordinals, "start", path.Child("ordinals"), errors);
        }

        if (isNew && spec.String("serviceName") is { Length: > 0 } service)
        {
            FieldRules.Label(service, path.Child("serviceName"), errors);
        }

        WorkloadValidation.Selector(spec, path, "statefulset", errors);
        Template(spec, whole, path, errors);
    }

    /// <summary>
    /// The template as its Pods will be: with the volumes that the claims will be, which containers may mount, and without
    /// the names that the controller gives each Pod.
    /// </summary>
    private static JsonMap? WithClaims(JsonMap spec)
    {
        List<string> claims = [.. (spec.List("volumeClaimTemplates")?.Maps() ?? []).Select(c => c.Map("metadata")?.String("name") ?? "")];
        if (spec.Map("template") is not { } template)
        {
            return null;
        }

        JsonMap copy = template.DeepCopy();
        copy.MapAt("spec").Remove("hostname");
        copy.MapAt("spec").Remove("subdomain");
        if (claims.Count == 0)
        {
            return copy;
        }

        JsonList volumes = new((copy.MapAt("spec").List("volumes")?.Maps() ?? []).Where(v => !claims.Contains(v.String("name") ?? "")));
        foreach (string claim in claims.Distinct())
        {
            volumes.Add(new JsonMap { { "name", claim }, { "persistentVolumeClaim", new JsonMap { { "claimName", claim } } } });
        }

        copy.MapAt("spec")["volumes"] = volumes;
        return copy;
    }

    private static void Template(JsonMap spec, bool whole, FieldPath path, FieldErrors errors)
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
            JsonMap? shown = WithClaims(spec);
            if (whole)
            {
                PodTemplateValidation.Validate(shown, at, errors);
            }

            // Kubernetes looks at labels and annotations once more: each fault of them is a cause twice.
            JsonMap? metadata = shown?.Map("metadata");
            MetadataValidation.Template(metadata, at, errors);
            PodAnnotationValidation.Validate(
                metadata?.Map("annotations"), shown?.Map("spec") ?? new JsonMap(), at.Child("annotations"), errors);
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
                    errors.Invalid(
                        at, InternalForm.Of(rolling, schema.Field("rollingUpdate")!.Schema),
                        "only allowed for updateStrategy 'RollingUpdate'");
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
