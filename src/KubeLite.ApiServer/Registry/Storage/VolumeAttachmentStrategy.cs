using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.PersistentVolumes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>VolumeAttachments (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class VolumeAttachmentStrategy : ResourceStrategy
{
    private const int MaxMetadataBytes = 256 * 1024;
    private const int MaxMessage = 1024;

    /// <summary>Makes the strategy.</summary>
    public VolumeAttachmentStrategy()
    {
        ReturnsDeletedObject = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        string attacher = spec.String("attacher") ?? "";
        FieldRules.DriverName(attacher, path.Child("attacher"), errors);
        Source(spec.Map("source"), path.Child("source"), errors);
        FieldRules.Subdomain(spec.String("nodeName"), path.Child("nodeName"), errors);
        Status(obj.Map("status"), errors);
        if (spec.Map("source")?.String("persistentVolumeName") is { } volume)
        {
            FieldRules.Subdomain(volume, path.Child("source").Child("persistentVolumeName"), errors);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(
            obj["spec"], old["spec"], FieldPath.Of("spec"), errors,
            () => InternalForm.Of(obj["spec"], context.Resource.StorageSchema.Field("spec")!.Schema));
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Reset(obj, old);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Status(obj.Map("status"), errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata"), spec = obj.MapAt("spec");
        return
        [
            metadata.String("name"),
            spec.String("attacher"),
            spec.Map("source")?.String("persistentVolumeName") ?? "",
            spec.String("nodeName"),
            obj.Map("status")?.Flag("attached") == true,
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static void Source(JsonMap? source, FieldPath path, FieldErrors errors)
    {
        JsonMap? inline = source?.Map("inlineVolumeSpec");
        string? volume = source?.String("persistentVolumeName");
        if (inline is null && volume is null)
        {
            errors.Required(path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        }
        else if (inline is not null && volume is not null)
        {
            errors.Forbidden(path, "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
        }
        else if (volume is not null)
        {
            if (volume.Length == 0)
            {
                errors.Required(path.Child("persistentVolumeName"), "must specify non empty persistentVolumeName");
            }
        }
        else
        {
            PersistentVolumeValidation.Spec(inline!, path.Child("inlineVolumeSpec"), inline: true, errors);
        }
    }

    private static void Status(JsonMap? status, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status");
        if ((status?.Map("attachmentMetadata") ?? []).Sum(m => Bytes(m.Key) + Bytes(m.Value as string)) > MaxMetadataBytes)
        {
            errors.TooLong(path.Child("attachmentMetadata"), MaxMetadataBytes);
        }

        foreach (string name in (string[])["attachError", "detachError"])
        {
            if (Bytes(status?.Map(name)?.String("message")) > MaxMessage)
            {
                errors.TooLong(path.Child(name).Child("message"), MaxMetadataBytes);
            }

            if (status?.Map(name)?.Integer("errorCode") is < 0 and var code)
            {
                errors.Invalid(path.Child(name).Child("errorCode"), code, "must be between 0 and 2147483647, inclusive");
            }
        }
    }

    private static int Bytes(string? text) => Encoding.UTF8.GetByteCount(text ?? "");
}
