using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>ResourceClaimTemplates (Kubernetes v1.36, <c>pkg/registry/resource/resourceclaimtemplate</c>).</summary>
public sealed class ResourceClaimTemplateStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public ResourceClaimTemplateStrategy() => ReturnsDeletedObject = true;

    /// <inheritdoc />
    public override async ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        if (old is null && AdminAccess.Asked(obj.Map("spec")?.Map("spec")?.Map("devices")) is { } path)
        {
            await AdminAccess.RequireAsync(context, path, cancellationToken);
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap? template = obj.Map("spec");
        MetadataValidation.Template(template?.Map("metadata"), FieldPath.Of("spec", "metadata"), errors);
        DeviceValidation.Claim(template?.Map("spec")?.Map("devices"), FieldPath.Of("spec", "spec", "devices"), errors);
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(
            obj["spec"], old["spec"], FieldPath.Of("spec"), errors,
            () => InternalForm.Of(obj["spec"], context.Resource.StorageSchema.Field("spec")!.Schema));
    }
}
