using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Core.Pods;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Apps.StatefulSets;

/// <summary>StatefulSets (Kubernetes v1.36, <c>pkg/registry/apps/statefulset</c>).</summary>
public sealed class StatefulSetStrategy : TemplatedStrategy
{
    private static readonly string[] s_mutable =
        ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
            "persistentVolumeClaimRetentionPolicy", "minReadySeconds"];

    /// <summary>Makes the strategy.</summary>
    public StatefulSetStrategy()
    {
        TracksGeneration = true;
        NameRule = NameRules.Label;
    }

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap set)
    {
        JsonMap spec = set.MapAt("spec");
        if ((spec.String("podManagementPolicy") ?? "").Length == 0)
        {
            spec["podManagementPolicy"] = "OrderedReady";
        }

        JsonMap strategy = spec.MapAt("updateStrategy");
        if ((strategy.String("type") ?? "").Length == 0)
        {
            strategy["type"] = "RollingUpdate";
        }

        if (strategy.String("type") == "RollingUpdate")
        {
            strategy.MapAt("rollingUpdate").SetDefault("partition", 0L);
        }

        JsonMap retention = spec.MapAt("persistentVolumeClaimRetentionPolicy");
        foreach (string when in (string[])["whenDeleted", "whenScaled"])
        {
            if ((retention.String(when) ?? "").Length == 0)
            {
                retention[when] = "Retain";
            }
        }

        spec.SetDefault("replicas", 1L);
        spec.SetDefault("revisionHistoryLimit", 10L);
        foreach (JsonMap claim in spec.List("volumeClaimTemplates")?.Maps() ?? [])
        {
            claim["kind"] = "PersistentVolumeClaim";
            claim["apiVersion"] = "v1";
        }
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        base.PrepareForCreate(context, obj);
        DropDisabled(obj, null);
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        base.PrepareForUpdate(context, obj, old);
        DropDisabled(obj, old);
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        StatefulSetValidation.Spec(context, obj.MapAt("spec"), null, FieldPath.Of("spec"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        StatefulSetValidation.Spec(context, obj.MapAt("spec"), old.MapAt("spec"), FieldPath.Of("spec"), errors);
        JsonMap spec = obj.MapAt("spec").DeepCopy(), oldSpec = old.MapAt("spec").DeepCopy();
        foreach (string name in s_mutable)
        {
            spec.Remove(name);
            oldSpec.Remove(name);
        }

        if (!JsonValue.DeepEquals(spec, oldSpec))
        {
            errors.Forbidden(
                FieldPath.Of("spec"),
                "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden");
        }
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap? status = obj.Map("status");
        WorkloadValidation.Counts(
            status, errors, "replicas", "readyReplicas", "currentReplicas",
            "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount");
        const string above = "cannot be greater than status.replicas";
        foreach (string name in (string[])["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"])
        {
            WorkloadValidation.AtMost(status, name, "replicas", above, errors);
        }

        WorkloadValidation.AtMost(status, "availableReplicas", "readyReplicas", "cannot be greater than status.readyReplicas", errors);
        WorkloadValidation.CollisionCount(status, old.Map("status"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        foreach (string warning in PodWarnings.Workload(obj, old, named: false))
        {
            yield return warning;
        }

        if (old is not null && JsonValue.DeepEquals(obj.MapAt("metadata")["generation"], old.MapAt("metadata")["generation"]))
        {
            yield break;
        }

        int index = 0;
        foreach (JsonMap claim in obj.MapAt("spec").List("volumeClaimTemplates")?.Maps() ?? [])
        {
            foreach (string warning in PersistentVolumeClaimWarnings.Spec(
                claim.Map("spec"), FieldPath.Of("spec", "volumeClaimTemplates").Index(index)))
            {
                yield return warning;
            }

            index++;
        }

        if (obj.MapAt("spec").Integer("revisionHistoryLimit") < 0)
        {
            yield return "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended";
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            $"{WorkloadTable.Count(obj, "readyReplicas")}/{spec.Integer("replicas") ?? 0}",
            TableText.Age(metadata.String("creationTimestamp")),
            WorkloadTable.Containers(spec.Map("template")),
            WorkloadTable.Images(spec.Map("template")),
        ];
    }

    /// <summary>The feature of this field is off in v1.36.</summary>
    private static void DropDisabled(JsonMap obj, JsonMap? old)
    {
        if (Rolling(old)?["maxUnavailable"] is null)
        {
            Rolling(obj)?.Remove("maxUnavailable");
        }
    }

    private static JsonMap? Rolling(JsonMap? set) => set?.Map("spec")?.Map("updateStrategy")?.Map("rollingUpdate");
}
