using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumes;

/// <summary>PersistentVolumes (Kubernetes v1.36, <c>pkg/registry/core/persistentvolume</c>).</summary>
public sealed class PersistentVolumeStrategy : ResourceStrategy
{
    private static readonly (string Kind, string Message)[] s_deprecated =
    [
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

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
        string? sent = status.String("lastPhaseTransitionTime"), known = before?.String("lastPhaseTransitionTime");
        if (status.String("phase") == before?.String("phase"))
        {
            if (sent is null && known is not null)
            {
                status["lastPhaseTransitionTime"] = known;
            }
        }
        else if (sent is null || sent == known)
        {
            status["lastPhaseTransitionTime"] = ApiTime.Format(context.Now);
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        PersistentVolumeValidation.Spec(
            obj.MapAt("spec"), FieldPath.Of("spec"), inline: false, errors, obj.MapAt("metadata").String("name") ?? "");

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
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        if (obj.MapAt("metadata").Map("annotations")?.ContainsKey(PersistentVolumeClaimWarnings.ClassAnnotation) == true)
        {
            yield return
                $"{FieldPath.Of("metadata", "annotations").Key(PersistentVolumeClaimWarnings.ClassAnnotation)}: " +
                    $"{PersistentVolumeClaimWarnings.ClassMessage}";
        }

        if (spec.String("persistentVolumeReclaimPolicy") == "Recycle")
        {
            yield return
                $"{path.Child("persistentVolumeReclaimPolicy")}: The Recycle reclaim policy is deprecated. " +
                    "Instead, the recommended approach is to use dynamic provisioning.";
        }

        int index = 0;
        foreach (JsonMap term in spec.Map("nodeAffinity")?.Map("required")?.List("nodeSelectorTerms")?.Maps() ?? [])
        {
            foreach (string warning in NodeLabels.Term(
                term, path.Child("nodeAffinity").Child("required").Child("nodeSelectorTerms").Index(index), values: false))
            {
                yield return warning;
            }

            index++;
        }

        foreach ((string kind, string message) in s_deprecated)
        {
            if (spec.Map(kind) is not null)
            {
                yield return $"{path.Child(kind)}: {message}";
            }
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
