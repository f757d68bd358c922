using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.PersistentVolumes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.PersistentVolumeClaims;

/// <summary>PersistentVolumeClaims (Kubernetes v1.36, <c>pkg/registry/core/persistentvolumeclaim</c>).</summary>
public sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    private static readonly string[] s_resizeStatuses =
        ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"];

    /// <summary>Makes the strategy.</summary>
    public PersistentVolumeClaimStrategy() => ReturnsDeletedObject = true;

    /// <summary>Sets the defaults of a claim, in a StatefulSet's templates too.</summary>
    public static void Default(JsonMap claim)
    {
        JsonMap status = claim.MapAt("status");
        if ((status.String("phase") ?? "").Length == 0)
        {
            status["phase"] = "Pending";
        }
    }

    /// <summary>Sets the defaults of a spec.</summary>
    public static void DefaultSpec(JsonMap spec) => spec.SetDefault("volumeMode", "Filesystem");

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj)
    {
        obj["status"] = new JsonMap { { "phase", "Pending" } };
        PersistentVolumeClaimSources.Prepare(obj.MapAt("spec"), null);
    }

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) =>
        PersistentVolumeClaimSources.Prepare(obj.MapAt("spec"), old.MapAt("spec"));

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        PersistentVolumeClaimValidation.Spec(obj.MapAt("spec"), FieldPath.Of("spec"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        PersistentVolumeClaimValidation.Spec(
            obj.MapAt("spec"), FieldPath.Of("spec"), errors, PersistentVolumeClaimSources.HasGroup(old.MapAt("spec")));
        PersistentVolumeClaimValidation.Update(context, obj, old, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        JsonMap? status = obj.Map("status");
        if ((obj.MapAt("metadata").String("resourceVersion") ?? "").Length == 0)
        {
            errors.Required(FieldPath.Of("resourceVersion"));
        }

        if (obj.MapAt("spec").List("accessModes") is not { Count: > 0 })
        {
            errors.Required(FieldPath.Of("Spec", "accessModes"));
        }

        foreach (var (name, amount) in status?.Map("capacity") ?? [])
        {
            ResourceNames.Basic(amount, FieldPath.Of("status", "capacity").Key(name), errors);
        }

        foreach (var (name, value) in status?.Map("allocatedResourceStatuses") ?? [])
        {
            FieldPath at = FieldPath.Of("status", "allocatedResourceStatuses");
            Resource(name, at, errors);
            if (value is not string text || !s_resizeStatuses.Contains(text))
            {
                errors.NotSupported(at, name, s_resizeStatuses);
            }
        }

        foreach (var (name, amount) in status?.Map("allocatedResources") ?? [])
        {
            FieldPath at = FieldPath.Of("status", "allocatedResources");
            if (Resource(name, at, errors))
            {
                ResourceNames.Basic(amount, at.Key(name), errors);
            }
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        PersistentVolumeClaimWarnings.Claim(obj);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        JsonMap? status = obj.Map("status");
        string volume = spec.String("volumeName") ?? "";
        bool bound = volume.Length > 0;
        return
        [
            metadata.String("name"),
            VolumeText.Phase(obj) ?? "",
            volume,
            bound ? status?.Map("capacity")?.String("storage") ?? "0" : "",
            bound ? VolumeText.AccessModes(status?.List("accessModes")) : "",
            VolumeText.StorageClass(obj),
            spec.String("volumeAttributesClassName") ?? "<unset>",
            TableText.Age(metadata.String("creationTimestamp")),
            spec.String("volumeMode") ?? "<unset>",
        ];
    }

    /// <summary>Adds the faults of a resource of a claim, and says whether there was none.</summary>
    private static bool Resource(string name, FieldPath path, FieldErrors errors)
    {
        int before = errors.Count;
        FieldRules.QualifiedName(name, path, errors);
        if (errors.Count == before && name != "storage"
            && (!name.Contains('/') || name.Contains("kubernetes.io/", StringComparison.Ordinal)))
        {
            errors.NotSupported(path, name, "storage");
        }

        return errors.Count == before;
    }
}
