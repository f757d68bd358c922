using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Core.Pods.Resources;
using KubeLite.ApiServer.Registry.Core.Pods.Status;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>Pods: phase and class of service at creation, what may change later, the grace of a deletion.</summary>
public sealed class PodStrategy : ResourceStrategy
{
    private static readonly string[] s_selectable =
    [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
    ];

    private readonly bool _allowPrivileged;

    /// <summary>Makes the strategy.</summary>
    public PodStrategy(bool allowPrivileged)
    {
        _allowPrivileged = allowPrivileged;
        TracksGeneration = true;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> SelectableFields => s_selectable;

    /// <inheritdoc />
    public override string FieldValue(CacheEntry entry, string field)
    {
        string value = base.FieldValue(entry, field);
        return value.Length == 0 && field == "spec.hostNetwork" ? "false" : value;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> IndexedFields => ["spec.nodeName"];

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["spec", "metadata.deletionTimestamp", "metadata.ownerReferences"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        JsonMap spec = obj.MapAt("spec");
        PodDisabledFields.Drop(spec, null);
        var status = new JsonMap { { "phase", "Pending" }, { "qosClass", PodQos.Of(spec) } };
        if (spec.List("schedulingGates") is { Count: > 0 })
        {
            status["conditions"] = new JsonList
            {
                new JsonMap
                {
                    { "type", "PodScheduled" },
                    { "status", "False" },
                    { "lastProbeTime", null },
                    { "lastTransitionTime", ApiTime.Format(context.Now) },
                    { "reason", "SchedulingGated" },
                    { "message", "Scheduling is blocked due to non-empty scheduling gates" },
                },
            };
        }

        obj["status"] = status;
        PodPreparation.LabelKeys(spec, obj.MapAt("metadata").Map("labels"));
        PodPreparation.AppArmor(obj, context.Warn);
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        Content(obj, errors);
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        if (spec.List("ephemeralContainers") is { Count: > 0 })
        {
            errors.Forbidden(path.Child("ephemeralContainers"), "cannot be set on create");
        }

        if ((spec.String("nodeName") ?? "").Length > 0 && spec.List("schedulingGates") is { Count: > 0 })
        {
            errors.Forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared");
        }

        PodAnnotationValidation.MatchFields(obj.MapAt("metadata").Map("annotations"), spec, path, errors);
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        PodDisabledFields.Drop(obj.Map("spec"), old.Map("spec"));
        if (context.Subresource == "ephemeralcontainers")
        {
            // Of what was sent only the ephemeral containers count.
            object? ephemeral = obj.Map("spec")?["ephemeralContainers"];
            JsonMap spec = old.MapAt("spec").DeepCopy();
            spec["ephemeralContainers"] = ephemeral;
            obj["spec"] = spec;
            StatusMetadata.Reset(obj, old);
        }
        else if (context.Subresource == "resize")
        {
            PodPreparation.OnlyResources(obj, old);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        if (context.Subresource == "binding")
        {
            // The endpoint has looked at all that a binding may and may not change.
            return;
        }

        JsonMap? annotations = obj.MapAt("metadata").Map("annotations"), oldAnnotations = old.MapAt("metadata").Map("annotations");
        JsonMap spec = obj.MapAt("spec"), oldSpec = old.MapAt("spec");
        Content(obj, errors);
        if (context.Subresource == "resize")
        {
            new PodResizeValidation(errors).Validate(obj, old);
            return;
        }

        PodAnnotationValidation.Update(annotations, oldAnnotations, FieldPath.Of("metadata", "annotations"), errors);
        Schema schema = context.Resource.StorageSchema.Field("spec")!.Schema;
        if (context.Subresource == "ephemeralcontainers")
        {
            if (oldAnnotations?.ContainsKey(PodAnnotationValidation.Mirror) == true)
            {
                errors.Clear();
                errors.Forbidden(FieldPath.Of(""), "static pods do not support ephemeral containers");
                return;
            }

            EphemeralContainerValidation.Update(
                spec, oldSpec, schema.Field("ephemeralContainers")!.Schema.Element!, FieldPath.Of("spec", "ephemeralContainers"), errors);
            return;
        }

        new PodUpdateValidation(errors, schema).Validate(spec, oldSpec);
    }

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        JsonMap metadata = obj.MapAt("metadata"), oldMetadata = old.MapAt("metadata");
        metadata["ownerReferences"] = JsonValue.DeepCopy(oldMetadata["ownerReferences"]);
        JsonMap status = obj.MapAt("status");
        status.SetDefault("qosClass", old.Map("status")?["qosClass"]);
        PodPreparation.KeepObservedGenerations(status, old.Map("status"));
        if (old.Map("status")?.List("nodeAllocatableResourceClaimStatuses") is not { Count: > 0 })
        {
            // Its feature is off in v1.36.
            status.Remove("nodeAllocatableResourceClaimStatuses");
        }

        if ((status.String("phase") ?? "").Length == 0)
        {
            status["phase"] = old.Map("status")?["phase"] ?? "Pending";
        }

        string? ip = status.String("podIP");
        if (ip is { Length: > 0 } && status.List("podIPs") is not { Count: > 0 })
        {
            status["podIPs"] = new JsonList { new JsonMap { { "ip", ip } } };
        }
        else if (ip is null or "" && status.List("podIPs")?.Maps().FirstOrDefault()?.String("ip") is { } first)
        {
            status["podIP"] = first;
        }
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        new PodStatusValidation(errors).Validate(obj, old);

    /// <inheritdoc />
    public override long? GracePeriod(WriteContext context, JsonMap obj, long? requested)
    {
        JsonMap spec = obj.MapAt("spec");
        long grace = requested ?? spec.Integer("terminationGracePeriodSeconds") ?? 30;
        // Nobody runs it, or it is done: there is nothing to wait for.
        if ((spec.String("nodeName") ?? "").Length == 0 || obj.Map("status")?.String("phase") is "Failed" or "Succeeded")
        {
            grace = 0;
        }

        return grace < 0 ? 1 : grace;
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        // Pods change too often, and rarely by hand, to be looked at each time.
        if (old is not null)
        {
            return [];
        }

        IEnumerable<string> warnings = PodWarnings.All(obj.MapAt("spec"), obj.MapAt("metadata"), null);
        return PodWarnings.Name(obj.MapAt("metadata").String("name"), isPod: true) is { } name ? warnings.Prepend(name) : warnings;
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj) => PodTable.Cells(obj);

    /// <summary>Adds the faults that a Pod may have at any time.</summary>
    private void Content(JsonMap pod, FieldErrors errors)
    {
        JsonMap metadata = pod.MapAt("metadata"), spec = pod.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        PodAnnotationValidation.Validate(metadata.Map("annotations"), spec, FieldPath.Of("metadata", "annotations"), errors);
        new PodSpecValidation(errors, _allowPrivileged).Validate(spec, metadata, path);
        if ((spec.String("serviceAccountName") ?? "").Length == 0)
        {
            TokensWithoutAccount(spec.List("volumes"), path.Child("volumes"), errors);
        }

        PodContainerImages.Validate(spec.List("containers"), path.Child("containers"), missing: false, errors);
        PodContainerImages.Validate(spec.List("initContainers"), path.Child("initContainers"), missing: false, errors);
    }

    private static void TokensWithoutAccount(JsonList? volumes, FieldPath path, FieldErrors errors)
    {
        int index = 0;
        foreach (JsonMap volume in volumes?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++).Child("projected").Child("sources");
            int item = 0;
            foreach (JsonMap source in volume.Map("projected")?.List("sources")?.Maps() ?? [])
            {
                if (source.Map("serviceAccountToken") is not null)
                {
                    errors.Forbidden(
                        at.Index(item).Child("serviceAccountToken"), "must not be specified when serviceAccountName is not set");
                }

                item++;
            }
        }
    }
}
