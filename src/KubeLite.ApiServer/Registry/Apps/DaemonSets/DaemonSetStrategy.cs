using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Apps.DaemonSets;

/// <summary>DaemonSets (Kubernetes v1.36, <c>pkg/registry/apps/daemonset</c>).</summary>
public sealed class DaemonSetStrategy : TemplatedStrategy
{
    /// <summary>Where the number of the template's changes is kept, which has no field since apps/v1.</summary>
    private const string TemplateGeneration = "deprecated.daemonset.template.generation";

    /// <summary>Makes the strategy.</summary>
    public DaemonSetStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap set)
    {
        JsonMap annotations = set.MapAt("metadata").MapAt("annotations");
        if (!long.TryParse(annotations.String(TemplateGeneration), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            annotations[TemplateGeneration] = "0";
        }

        JsonMap spec = set.MapAt("spec");
        JsonMap strategy = spec.MapAt("updateStrategy");
        if ((strategy.String("type") ?? "").Length == 0)
        {
            strategy["type"] = "RollingUpdate";
        }

        if (strategy.String("type") == "RollingUpdate")
        {
            JsonMap rolling = strategy.MapAt("rollingUpdate");
            rolling.SetDefault("maxUnavailable", 1L);
            rolling.SetDefault("maxSurge", 0L);
        }

        spec.SetDefault("revisionHistoryLimit", 10L);
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        base.PrepareForCreate(context, obj);
        if (Generation(obj) < 1)
        {
            SetGeneration(obj, 1);
        }
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        base.PrepareForUpdate(context, obj, old);
        bool changed = !JsonValue.DeepEquals(obj.MapAt("spec")["template"], old.MapAt("spec")["template"]);
        SetGeneration(obj, Generation(old) + (changed ? 1 : 0));
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => SetGeneration(obj, Generation(old));

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        JsonMap? selector = spec.Map("selector"), template = spec.Map("template");
        FieldPath path = FieldPath.Of("spec"), at = path.Child("template");
        SelectorValidation.Labels(selector, path.Child("selector"), errors);
        if (LabelSelectors.IsValid(selector))
        {
            WorkloadValidation.TemplateLabels(selector, template, at, errors);
        }

        if (selector is not null && LabelSelectors.IsEmpty(selector))
        {
            errors.Invalid(path.Child("selector"), selector, "empty selector is invalid for daemonset");
        }

        PodTemplateValidation.Validate(template, at, errors);
        WorkloadValidation.AlwaysRestarts(template, at, "DaemonSet", errors);
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        UpdateStrategy(context, spec.MapAt("updateStrategy"), path.Child("updateStrategy"), errors);
        FieldRules.NonNegative(spec, "revisionHistoryLimit", path, errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldRules.Immutable(obj.MapAt("spec")["selector"], old.MapAt("spec")["selector"], FieldPath.Of("spec", "selector"), errors);
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        WorkloadValidation.Counts(
            obj.Map("status"), errors, "currentNumberScheduled", "numberMisscheduled",
            "desiredNumberScheduled", "numberReady", "observedGeneration",
            "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount");
        WorkloadValidation.CollisionCount(obj.Map("status"), old.Map("status"), errors);
    }

    /// <inheritdoc />
    public override bool HasOwnPartialMetadata => true;

    /// <inheritdoc />
    public override JsonMap PartialMetadata(JsonMap obj)
    {
        // The annotation stands for a field that isn't metadata.
        JsonMap metadata = obj.MapAt("metadata").DeepCopy();
        if (metadata.Map("annotations") is { } annotations)
        {
            annotations.Remove(TemplateGeneration);
            if (annotations.Count == 0)
            {
                metadata.Remove("annotations");
            }
        }

        return metadata;
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        PodWarnings.Workload(obj, old, named: false);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? template = spec.Map("template");
        return
        [
            metadata.String("name"),
            WorkloadTable.Count(obj, "desiredNumberScheduled"),
            WorkloadTable.Count(obj, "currentNumberScheduled"),
            WorkloadTable.Count(obj, "numberReady"),
            WorkloadTable.Count(obj, "updatedNumberScheduled"),
            WorkloadTable.Count(obj, "numberAvailable"),
            TableText.Labels(template?.Map("spec")?.Map("nodeSelector")),
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(template),
            WorkloadTable.Images(template),
            WorkloadTable.Selector(spec.Map("selector")),
        ];
    }

    private static void UpdateStrategy(WriteContext context, JsonMap strategy, FieldPath path, FieldErrors errors)
    {
        switch (strategy.String("type"))
        {
            case "OnDelete":
                break;
            case "RollingUpdate":
                RollingUpdate(strategy.Map("rollingUpdate"), path.Child("rollingUpdate"), errors);
                break;
            default:
                errors.NotSupported(
                    path, InternalForm.Of(strategy, context.Resource.StorageSchema.Field("spec")!.Schema.Field("updateStrategy")!.Schema),
                    "RollingUpdate", "OnDelete");
                break;
        }
    }

    private static void RollingUpdate(JsonMap? rolling, FieldPath path, FieldErrors errors)
    {
        if (rolling is null)
        {
            errors.Required(path);
            return;
        }

        object? unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
        IntOrPercent.Validate(unavailable, path.Child("maxUnavailable"), errors);
        IntOrPercent.Validate(surge, path.Child("maxSurge"), errors);
        IntOrPercent.AtMostAll(unavailable, path.Child("maxUnavailable"), errors);
        IntOrPercent.AtMostAll(surge, path.Child("maxSurge"), errors);
        bool hasUnavailable = IntOrPercent.Number(unavailable) != 0, hasSurge = IntOrPercent.Number(surge) != 0;
        if (hasUnavailable && hasSurge)
        {
            errors.Invalid(path.Child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero");
        }
        else if (!hasUnavailable && !hasSurge)
        {
            errors.Required(path.Child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
        }
    }

    private static long Generation(JsonMap set) =>
        long.TryParse(
            set.MapAt("metadata").Map("annotations")?.String(TemplateGeneration),
            NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
                ? value
                : 0;

    private static void SetGeneration(JsonMap set, long value) =>
        set.MapAt("metadata").MapAt("annotations")[TemplateGeneration] = value.ToString(CultureInfo.InvariantCulture);
}
