using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.ServiceCidrs;

/// <summary>ServiceCIDRs (Kubernetes v1.36, <c>pkg/registry/networking/servicecidr</c>).</summary>
public sealed class ServiceCidrStrategy : ResourceStrategy
{
    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec", "cidrs");
        List<string> cidrs = [.. obj.Map("spec")?.List("cidrs")?.Strings() ?? []];
        if (cidrs.Count == 0)
        {
            errors.Required(path, "at least one CIDR required");
            return;
        }

        if (cidrs.Count > 2)
        {
            errors.Invalid(path, new JsonList(cidrs), "may only hold up to 2 values");
            return;
        }

        var families = new HashSet<System.Net.Sockets.AddressFamily>();
        for (int i = 0; i < cidrs.Count; i++)
        {
            if (!IpText.TryParseCidr(cidrs[i], out IPAddress address, out int prefix))
            {
                errors.Invalid(path.Index(i), cidrs[i], "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
            else
            {
                families.Add(address.AddressFamily);
            }
        }

        if (cidrs.Count == 2 && families.Count == 1)
        {
            errors.Invalid(path, new JsonList(cidrs), "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        FieldRules.Immutable(obj.MapAt("spec")["cidrs"], old.MapAt("spec")["cidrs"], FieldPath.Of("spec", "cidrs"), errors);

    /// <inheritdoc />
    public override void ValidateStatusUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        ConditionValidation.Validate(obj.Map("status")?.List("conditions"), FieldPath.Of("status", "conditions"), errors);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return [metadata.String("name"), string.Join(",", obj.Map("spec")?.List("cidrs")?.Strings() ?? []), TableText.Age(metadata.String("creationTimestamp"))];
    }
}
