using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>ResourceClaims (Kubernetes v1.36, <c>pkg/registry/resource/resourceclaim</c>).</summary>
public sealed class ResourceClaimStrategy : ResourceStrategy
{
    private readonly Authorizer _authorizer;

    /// <summary>Makes the strategy.</summary>
    public ResourceClaimStrategy(Authorizer authorizer)
    {
        _authorizer = authorizer;
        ReturnsDeletedObject = true;
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) => subresource switch
    {
        "" => ["status"],
        "status" => ["metadata", "spec"],
        _ => [],
    };

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old)
    {
        StatusMetadata.Reset(obj, old);
        // A device that the claim lost says nothing any more.
        HashSet<string> lost = [.. Devices(old).Except(Devices(obj))];
        JsonMap? status = obj.Map("status");
        if (lost.Count > 0 && status?.List("devices") is { } devices)
        {
            devices.RemoveAll(d => d is JsonMap device && lost.Contains(ClaimStatusValidation.Id(device)));
            if (devices.Count == 0)
            {
                status.Remove("devices");
            }
        }

        static IEnumerable<string> Devices(JsonMap claim) =>
            (claim.Map("status")?.Map("allocation")?.Map("devices")?.List("results")?.Maps() ?? []).Select(ClaimStatusValidation.Id);
    }

    /// <inheritdoc />
    public override async ValueTask AllocateAsync(WriteContext context, JsonMap obj, JsonMap? old, CancellationToken cancellationToken)
    {
        FieldPath? path = old is null ? AdminAccess.Asked(obj.Map("spec")?.Map("devices"))
            : AdminAccess.Given(old.Map("status")) is null ? AdminAccess.Given(obj.Map("status"))
            : null;
        if (path is not null)
        {
            await AdminAccess.RequireAsync(context, path, cancellationToken);
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) =>
        DeviceValidation.Claim(obj.Map("spec")?.Map("devices"), FieldPath.Of("spec", "devices"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        FieldRules.Immutable(
            obj["spec"], old["spec"], FieldPath.Of("spec"), errors,
            () => InternalForm.Of(obj["spec"], context.Resource.StorageSchema.Field("spec")!.Schema));

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Schema schema = context.Resource.StorageSchema.Field("status")!.Schema;
        HashSet<string> requests = DeviceValidation.RequestNames(obj.Map("spec")?.Map("devices"));
        bool deleted = obj.MapAt("metadata").ContainsKey("deletionTimestamp");
        JsonMap status = obj.Map("status") ?? new(), before = old.Map("status") ?? new();
        new ClaimStatusAuthorization(_authorizer, context, errors).Check(status, before);
        new ClaimStatusValidation(requests, deleted, schema, errors).Validate(status, before);
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
