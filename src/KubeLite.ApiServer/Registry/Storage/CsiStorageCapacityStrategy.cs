using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Core.Nodes;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Storage;

/// <summary>CSIStorageCapacities (Kubernetes v1.36, <c>pkg/apis/storage/validation</c>).</summary>
public sealed class CsiStorageCapacityStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public CsiStorageCapacityStrategy() => AllowsUnconditionalUpdate = false;

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        SelectorValidation.Labels(obj.Map("nodeTopology"), FieldPath.Of("nodeTopology"), errors);
        FieldRules.Subdomain(obj.String("storageClassName"), FieldPath.Of("storageClassName"), errors);
        if (Quantity.TryParse(obj.String("capacity"), out Quantity amount, out _) && amount.Sign < 0)
        {
            errors.Invalid(FieldPath.Of("capacity"), obj["capacity"], FieldRules.NotNegative);
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Validate(context, obj, errors);
        FieldRules.Immutable(obj["nodeTopology"], old["nodeTopology"], FieldPath.Of("nodeTopology"), errors);
        FieldRules.Immutable(obj["storageClassName"], old["storageClassName"], FieldPath.Of("storageClassName"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old) =>
        NodeLabels.Selector(obj.Map("nodeTopology"), FieldPath.Of("nodeTopology"));
}
