using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>DeviceClasses (Kubernetes v1.36, <c>pkg/registry/resource/deviceclass</c>).</summary>
public sealed class DeviceClassStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public DeviceClassStrategy()
    {
        TracksGeneration = true;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        DeviceValidation.Selectors(spec.List("selectors") ?? [], path.Child("selectors"), errors);
        DeviceValidation.Configs(spec.List("config") ?? [], null, path.Child("config"), errors);
        if (spec.String("extendedResourceName") is { } name && !ResourceNames.IsExtended(name))
        {
            errors.Invalid(path.Child("extendedResourceName"), name, "must be a valid extended resource name");
        }
    }
}
