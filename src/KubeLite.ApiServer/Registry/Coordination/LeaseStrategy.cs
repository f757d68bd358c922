using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Coordination;

/// <summary>Leases (Kubernetes v1.36, <c>pkg/apis/coordination/validation</c>).</summary>
public sealed class LeaseStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public LeaseStrategy()
    {
        AllowsCreateOnUpdate = true;
        AllowsUnconditionalUpdate = false;
    }

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => DropDisabled(obj);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) => DropDisabled(obj);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        JsonMap spec = obj.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        if (spec.Integer("leaseDurationSeconds") is <= 0 and var duration)
        {
            errors.Invalid(path.Child("leaseDurationSeconds"), duration, "must be greater than 0");
        }

        FieldRules.NonNegative(spec, "leaseTransitions", path, errors);
    }

    /// <summary>Coordinated leader election is off in v1.36.</summary>
    private static void DropDisabled(JsonMap obj)
    {
        obj.MapAt("spec").Remove("strategy");
        obj.MapAt("spec").Remove("preferredHolder");
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"), obj.Map("spec")?.String("holderIdentity") ?? "", TableText.Age(metadata.String("creationTimestamp")),
        ];
    }
}
