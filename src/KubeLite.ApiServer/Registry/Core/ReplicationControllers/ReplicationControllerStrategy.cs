using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Apps;
using KubeLite.ApiServer.Registry.Apps.ReplicaSets;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Core.ReplicationControllers;

/// <summary>ReplicationControllers (Kubernetes v1.36, <c>pkg/registry/core/replicationcontroller</c>).</summary>
public sealed class ReplicationControllerStrategy : TemplatedStrategy
{
    /// <summary>Makes the strategy.</summary>
    public ReplicationControllerStrategy() => TracksGeneration = true;

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => ["status.replicas"];

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field)
    {
        string value = base.FieldValue(entry, field);
        return value.Length == 0 && field == "status.replicas" ? "0" : value;
    }

    /// <inheritdoc />
    public override string DefaultPropagation => "Orphan";

    /// <summary>Sets the defaults: selector and labels are the template's labels.</summary>
    public static void Default(JsonMap controller)
    {
        JsonMap spec = controller.MapAt("spec");
        if (spec.Map("template")?.Map("metadata")?.Map("labels") is { Count: > 0 } labels)
        {
            if (spec.Map("selector") is not { Count: > 0 })
            {
                spec["selector"] = labels.DeepCopy();
            }

            JsonMap metadata = controller.MapAt("metadata");
            if (metadata.Map("labels") is not { Count: > 0 })
            {
                metadata["labels"] = labels.DeepCopy();
            }
        }

        spec.SetDefault("replicas", 1L);
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        JsonMap? template = spec.Map("template"), selector = spec.Map("selector");
        FieldPath path = FieldPath.Of("spec"), at = path.Child("template");
        FieldRules.NonNegative(spec, "minReadySeconds", path, errors);
        if (selector is not { Count: > 0 })
        {
            errors.Required(path.Child("selector"));
        }

        FieldRules.NonNegative(spec, "replicas", path, errors);
        if (template is null)
        {
            errors.Required(at);
            return;
        }

        JsonMap? labels = template.Map("metadata")?.Map("labels");
        if (selector?.Any(s => labels?.String(s.Key) != s.Value as string) == true)
        {
            errors.Invalid(at.Child("metadata").Child("labels"), labels, "`selector` does not match template `labels`");
        }

        PodTemplateValidation.Validate(template, at, errors);
        WorkloadValidation.AlwaysRestarts(template, at, "ReplicationController", errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Validate(context, obj, errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        ReplicaSetStrategy.Status(obj.Map("status"), errors);

    /// <inheritdoc />
    /// <remarks>A change is warned of what the template was before it, as in Kubernetes.</remarks>
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        old is null ? PodWarnings.Workload(obj, old, named: true) : PodWarnings.Workload(old, obj, named: false);

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
            TableText.Labels(spec.Map("selector")),
        ];
    }
}
