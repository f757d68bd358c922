using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>VolumeAttributesClasses (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class VolumeAttributesClassStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public VolumeAttributesClassStrategy() => ReturnsDeletedObject = true;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        StorageClassStrategy.Provisioner(obj.String("driverName"), FieldPath.Of("driverName"), errors);
        StorageClassStrategy.Parameters(obj.Map("parameters"), needed: true, errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Unchanged(obj, old, errors, "driverName", "parameters");
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            StorageClassStrategy.DefaultMarked(metadata, "storage.kubernetes.io/is-default-class"),
            obj.String("driverName"),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>Adds the faults of changing what may not change.</summary>
    private static void Unchanged(JsonMap obj, JsonMap old, FieldErrors errors, params ReadOnlySpan<string> members)
    {
        foreach (string name in members)
        {
            if (!JsonValue.DeepEquals(obj[name], old[name]))
            {
                errors.Forbidden(FieldPath.Of(name), $"updates to {name} are forbidden.");
            }
        }
    }
}
