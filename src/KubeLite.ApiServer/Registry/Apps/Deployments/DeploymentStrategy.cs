using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Apps.Deployments;

/// <summary>Deployments (Kubernetes v1.36, <c>pkg/registry/apps/deployment</c>).</summary>
public sealed class DeploymentStrategy : TemplatedStrategy
{
    /// <summary>Makes the strategy.</summary>
    public DeploymentStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap deployment)
    {
        JsonMap spec = deployment.MapAt("spec");
        spec.SetDefault("replicas", 1L);
        JsonMap strategy = spec.MapAt("strategy");
        if ((strategy.String("type") ?? "").Length == 0)
        {
            strategy["type"] = "RollingUpdate";
        }

        if (strategy.String("type") == "RollingUpdate")
        {
            JsonMap rolling = strategy.MapAt("rollingUpdate");
            rolling.SetDefault("maxUnavailable", "25%");
            rolling.SetDefault("maxSurge", "25%");
        }

        spec.SetDefault("revisionHistoryLimit", 10L);
        spec.SetDefault("progressDeadlineSeconds", 600L);
    }

    /// <inheritdoc />
    public override object? GenerationContent(JsonMap obj) =>
        // A rollout may also be asked for by annotations, so those count.
        new JsonList { obj["spec"], obj.Map("metadata")?.Map("annotations") };

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["spec", "metadata.labels"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        obj.MapAt("metadata").Remove("labels");
        if (old.MapAt("metadata").Map("labels") is { } labels)
        {
            obj.MapAt("metadata")["labels"] = labels.DeepCopy();
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        FieldRules.NonNegative(spec, "replicas", path, errors);
        WorkloadValidation.Selector(spec, path, "deployment", errors);
        WorkloadValidation.ReplicaSetTemplate(spec, path, errors);
        Strategy(context, spec.MapAt("strategy"), path.Child("strategy"), errors);
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        FieldRules.NonNegative(spec, "revisionHistoryLimit", path, errors);
        FieldRules.NonNegative(spec, "progressDeadlineSeconds", path, errors);
        if (spec.Integer("progressDeadlineSeconds") is { } deadline && deadline <= (spec.Integer("minReadySeconds") ?? 0))
        {
            errors.Invalid(path.Child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(obj.MapAt("spec")["selector"], old.MapAt("spec")["selector"], FieldPath.Of("spec", "selector"), errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap? status = obj.Map("status");
        WorkloadValidation.Counts(
            status, errors, "observedGeneration", "replicas", "updatedReplicas", "readyReplicas",
            "availableReplicas", "unavailableReplicas", "terminatingReplicas", "collisionCount");
        const string above = "cannot be greater than status.replicas";
        WorkloadValidation.AtMost(status, "updatedReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "readyReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "availableReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas", errors);
        WorkloadValidation.CollisionCount(status, old.Map("status"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        PodWarnings.Workload(obj, old, named: true);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            $"{WorkloadTable.Count(obj, "readyReplicas")}/{spec.Integer("replicas") ?? 0}",
            WorkloadTable.Count(obj, "updatedReplicas"),
            WorkloadTable.Count(obj, "availableReplicas"),
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(spec.Map("template")),
            WorkloadTable.Images(spec.Map("template")),
            WorkloadTable.Selector(spec.Map("selector")),
        ];
    }

    private static void Strategy(WriteContext context, JsonMap strategy, FieldPath path, FieldErrors errors)
    {
        JsonMap? rolling = strategy.Map("rollingUpdate");
        switch (strategy.String("type"))
        {
            case "Recreate":
                if (rolling is not null)
                {
                    errors.Forbidden(path.Child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'");
                }

                break;
            case "RollingUpdate":
                if (rolling is null)
                {
                    errors.Required(path.Child("rollingUpdate"), "this should be defaulted and never be nil");
                }
                else
                {
                    RollingUpdate(rolling, path.Child("rollingUpdate"), errors);
                }

                break;
            default:
                errors.NotSupported(
                    path, InternalForm.Of(strategy, context.Resource.StorageSchema.Field("spec")!.Schema.Field("strategy")!.Schema),
                    "Recreate", "RollingUpdate");
                break;
        }
    }

    private static void RollingUpdate(JsonMap rolling, FieldPath path, FieldErrors errors)
    {
        object? unavailable = rolling["maxUnavailable"], surge = rolling["maxSurge"];
        FieldPath at = path.Child("maxUnavailable");
        IntOrPercent.Validate(unavailable, at, errors);
        IntOrPercent.Validate(surge, path.Child("maxSurge"), errors);
        if (IntOrPercent.Number(unavailable) == 0 && IntOrPercent.Number(surge) == 0)
        {
            errors.Invalid(at, unavailable ?? 0L, "may not be 0 when `maxSurge` is 0");
        }

        IntOrPercent.AtMostAll(unavailable, at, errors);
    }
}
