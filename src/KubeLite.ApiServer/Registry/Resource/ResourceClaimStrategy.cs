using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>ResourceClaims (Kubernetes v1.36, <c>pkg/registry/resource/resourceclaim</c>).</summary>
public sealed class ResourceClaimStrategy : ResourceStrategy
{
    private const int MaxConsumers = 256;

    /// <summary>Makes the strategy.</summary>
    public ResourceClaimStrategy() => ReturnsDeletedObject = true;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        DeviceValidation.Claim(obj.Map("spec")?.Map("devices"), FieldPath.Of("spec", "devices"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldRules.Immutable(obj["spec"], old["spec"], FieldPath.Of("spec"), errors, () => InternalForm.Of(obj["spec"], context.Resource.StorageSchema.Field("spec")!.Schema));
        Validate(context, obj, errors);
    }

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("status");
        JsonMap? status = obj.Map("status"), before = old.Map("status");
        JsonList consumers = status?.List("reservedFor") ?? [];
        if (consumers.Count > MaxConsumers)
        {
            errors.TooMany(path.Child("reservedFor"), consumers.Count, MaxConsumers);
        }

        var uids = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap consumer in consumers.Maps())
        {
            FieldPath at = path.Child("reservedFor").Index(i++);
            foreach (string name in (string[])["resource", "name", "uid"])
            {
                if ((consumer.String(name) ?? "").Length == 0)
                {
                    errors.Required(at.Child(name));
                }
            }

            if (!uids.Add(consumer.String("uid") ?? ""))
            {
                errors.Duplicate(at.Child("uid"), consumer.String("uid") ?? "");
            }
        }

        if (consumers.Count > 0 && status?.Map("allocation") is null)
        {
            errors.Forbidden(path.Child("reservedFor"), "may not be specified when `allocated` is not set");
        }

        if (before?.Map("allocation") is { } allocation && status?.Map("allocation") is { } now)
        {
            FieldRules.Immutable(now, allocation, path.Child("allocation"), errors, () =>
                InternalForm.Of(now, context.Resource.StorageSchema.Field("status")!.Schema.Field("allocation")!.Schema));
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        JsonMap? status = obj.Map("status");
        bool deleted = metadata.ContainsKey("deletionTimestamp");
        var states = new List<string>();
        if (deleted)
        {
            states.Add("deleted");
        }

        if (status?.Map("allocation") is not null)
        {
            states.Add("allocated");
            if (status.List("reservedFor") is { Count: > 0 })
            {
                states.Add("reserved");
            }
        }
        else if (!deleted)
        {
            states.Add("pending");
        }

        return [metadata.String("name"), string.Join(",", states), TableText.Age(metadata.String("creationTimestamp"))];
    }
}
