using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Apps.ReplicaSets;

/// <summary>ReplicaSets (Kubernetes v1.36, <c>pkg/registry/apps/replicaset</c>).</summary>
public sealed class ReplicaSetStrategy : TemplatedStrategy
{
    /// <summary>Makes the strategy.</summary>
    public ReplicaSetStrategy() => TracksGeneration = true;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["status.replicas"];

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field)
    {
        string value = base.FieldValue(entry, field);
        return value.Length == 0 && field == "status.replicas" ? "0" : value;
    }

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap set) => set.MapAt("spec").SetDefault("replicas", 1L);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        FieldRules.NonNegative(spec, "replicas", path, errors);
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        WorkloadValidation.Selector(spec, path, "deployment", errors);
        WorkloadValidation.ReplicaSetTemplate(spec, path, errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(obj.MapAt("spec")["selector"], old.MapAt("spec")["selector"], FieldPath.Of("spec", "selector"), errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Status(obj.Map("status"), errors);

    /// <summary>Validates the status, which a ReplicationController has alike.</summary>
    public static void Status(JsonMap? status, FieldErrors errors)
    {
        WorkloadValidation.Counts(
            status, errors, "replicas", "fullyLabeledReplicas", "readyReplicas",
            "availableReplicas", "observedGeneration", "terminatingReplicas");
        const string above = "cannot be greater than status.replicas";
        WorkloadValidation.AtMost(status, "fullyLabeledReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "readyReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "availableReplicas", "replicas", above, errors);
        WorkloadValidation.AtMost(status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas", errors);
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
            spec.Integer("replicas") ?? 0,
            WorkloadTable.Count(obj, "replicas"),
            WorkloadTable.Count(obj, "readyReplicas"),
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(spec.Map("template")),
            WorkloadTable.Images(spec.Map("template")),
            WorkloadTable.Selector(spec.Map("selector")),
        ];
    }
}
