using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.ServiceCidrs;

/// <summary>ServiceCIDRs (Kubernetes v1.36, <c>pkg/registry/networking/servicecidr</c>).</summary>
public sealed class ServiceCidrStrategy : ResourceStrategy
{
    private static readonly FieldPath s_path = FieldPath.Of("spec", "cidrs");

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Networks(Texts(obj), obj.MapAt("spec"), errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        List<string> now = Texts(obj), before = Texts(old);
        // A second family may be added, and nothing else change.
        bool grows = before.Count == 1 && now.Count == 2;
        if (before.Count != now.Count && !grows)
        {
            errors.Invalid(s_path, obj.MapAt("spec")["cidrs"], MetadataValidation.Immutable);
            return;
        }

        for (int i = 0; i < before.Count; i++)
        {
            if (now[i] != before[i])
            {
                errors.Invalid(s_path.Index(i), now[i], MetadataValidation.Immutable);
            }
        }

        if (grows)
        {
            Networks(now, obj.MapAt("spec"), errors);
        }
    }

    /// <inheritdoc />
    public override IReadOnlyList<string> ResetFields(string subresource) =>
        // Kubernetes resets the status by v1beta1 only, and lets it be owned by v1.
        subresource == "status" ? ["metadata", "spec"] : [];

    /// <inheritdoc />
    public override void PrepareForStatusUpdate(WriteContext context, JsonMap obj, JsonMap old) => StatusMetadata.Reset(obj, old);

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"), string.Join(",", obj.Map("spec")?.List("cidrs")?.Strings() ?? []),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static List<string> Texts(JsonMap obj) => [.. obj.Map("spec")?.List("cidrs")?.Strings() ?? []];

    private static void Networks(List<string> cidrs, JsonMap spec, FieldErrors errors)
    {
        if (cidrs.Count == 0)
        {
            errors.Required(s_path, "at least one CIDR required");
            return;
        }

        if (cidrs.Count > 2)
        {
            errors.Invalid(s_path, new JsonMap { { "CIDRs", spec["cidrs"] } }, "may only hold up to 2 values");
            return;
        }

        for (int i = 0; i < cidrs.Count; i++)
        {
            FieldRules.CanonicalNetwork(cidrs[i], s_path.Index(i), errors);
        }

        if (cidrs.Count == 2 && Family(cidrs[0]) is { } family && family == Family(cidrs[1]))
        {
            errors.Invalid(
                s_path, new JsonList(cidrs), "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
        }
    }

    private static AddressFamily? Family(string cidr) =>
        IpText.TryParseCidr(cidr, out IPAddress address, out _) ? address.AddressFamily : null;
}
