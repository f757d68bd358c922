using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumes;

/// <summary>PersistentVolumes (Kubernetes v1.36, <c>pkg/registry/core/persistentvolume</c>).</summary>
public sealed class PersistentVolumeStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public PersistentVolumeStrategy() => ReturnsDeletedObject = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap volume)
    {
        Text(volume.MapAt("status"), "phase", "Pending");
        DefaultSpec(volume.MapAt("spec"));
    }

    /// <summary>Sets the defaults of a spec, which a VolumeAttachment may hold too.</summary>
    public static void DefaultSpec(JsonMap spec)
    {
        Text(spec, "persistentVolumeReclaimPolicy", "Retain");
        spec.SetDefault("volumeMode", "Filesystem");
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => obj["status"] = new JsonMap
    {
        { "phase", "Pending" },
        { "lastPhaseTransitionTime", ApiTime.Format(context.Now) },
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        JsonMap status = obj.MapAt("status");
        JsonMap? before = old.Map("status");
        if (status.String("phase") != before?.String("phase") && status.String("lastPhaseTransitionTime") == before?.String("lastPhaseTransitionTime"))
        {
            status["lastPhaseTransitionTime"] = ApiTime.Format(context.Now);
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        PersistentVolumeValidation.Spec(obj.MapAt("spec"), FieldPath.Of("spec"), inline: false, errors, obj.MapAt("metadata").String("name") ?? "");

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        PersistentVolumeValidation.Update(context, obj.MapAt("spec"), old.MapAt("spec"), errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        if ((obj.MapAt("metadata").String("resourceVersion") ?? "").Length == 0)
        {
            errors.Required(FieldPath.Of("resourceVersion"));
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? claim = spec.Map("claimRef");
        return
        [
            metadata.String("name"),
            spec.Map("capacity")?.String("storage") ?? "0",
            VolumeText.AccessModes(spec.List("accessModes")),
            spec.String("persistentVolumeReclaimPolicy") ?? "",
            VolumeText.Phase(obj) ?? "",
            claim is null ? "" : $"{claim.String("namespace")}/{claim.String("name")}",
            VolumeText.StorageClass(obj),
            spec.String("volumeAttributesClassName") ?? "<unset>",
            obj.Map("status")?.String("reason") ?? "",
            TableText.Age(metadata.String("creationTimestamp")),
            spec.String("volumeMode") ?? "<unset>",
        ];
    }

    private static void Text(JsonMap map, string name, string value)
    {
        if ((map.String(name) ?? "").Length == 0)
        {
            map[name] = value;
        }
    }
}
