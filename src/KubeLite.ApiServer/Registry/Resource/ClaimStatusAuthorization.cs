using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Authentication;
using KubeLite.ApiServer.Authorization;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Resource;

/// <summary>
/// Who may write which part of a claim's status (Kubernetes v1.36, <c>pkg/registry/resource</c>, gate
/// DRAResourceClaimGranularStatusAuthorization): allocations and users by <c>resourceclaims/binding</c>, what devices tell by
/// <c>resourceclaims/driver</c> with the driver as name.
/// </summary>
internal sealed class ClaimStatusAuthorization(Authorizer authorizer, WriteContext context, FieldErrors errors)
{
    private const string AssociatedNode = "associated-node:", ArbitraryNode = "arbitrary-node:";
    private const string NodeName = "authentication.kubernetes.io/node-name";

    /// <summary>Adds what the writer may not change. The server itself may change all.</summary>
    public void Check(JsonMap status, JsonMap old)
    {
        if (context.Verb.Length == 0)
        {
            return;
        }

        FieldPath path = FieldPath.Of("status");
        if (!JsonValue.DeepEquals(status["allocation"], old["allocation"]) || !Same(status.List("reservedFor"), old.List("reservedFor")))
        {
            AuthorizationAttributes wanted = Wanted(context.Verb, "binding", "", "");
            if (!authorizer.Allows(wanted))
            {
                errors.Forbidden(path.Child("allocation"),
                    $"changing status.allocation or status.reservedFor requires resource=\"resourceclaims/binding\", verb=\"{context.Verb}\" permission: {wanted.Refusal().Message}");
            }
        }

        if (status.Map("allocation") is { } allocation)
        {
            Drivers(status, old, allocation, path.Child("devices"));
        }
    }

    private void Drivers(JsonMap status, JsonMap old, JsonMap allocation, FieldPath path)
    {
        List<string> verbs = [ArbitraryNode + context.Verb];
        if (IsOnNode(context.User, NodeOf(allocation)))
        {
            verbs.Insert(0, AssociatedNode + context.Verb);
        }

        foreach (string driver in Changed(status, old).Order(StringComparer.Ordinal))
        {
            List<AuthorizationAttributes> wanted = [.. verbs.Select(verb => Wanted(verb, "driver", context.Namespace, driver))];
            if (!wanted.Exists(authorizer.Allows))
            {
                errors.Forbidden(path,
                    $"changing status.devices requires resource=\"resourceclaims/driver\", verb=\"[{string.Join(' ', verbs)}]\" permission: {wanted[0].Refusal().Message}");
            }
        }
    }

    private AuthorizationAttributes Wanted(string verb, string subresource, string ns, string name) => new(context.User, verb)
    {
        Group = context.Resource.Group,
        Version = context.Resource.Kind.Version,
        Resource = context.Resource.Name,
        Subresource = subresource,
        Namespace = ns,
        Name = name,
    };

    /// <summary>The drivers of devices that came, went or changed.</summary>
    private static HashSet<string> Changed(JsonMap status, JsonMap old)
    {
        var before = new Dictionary<string, JsonMap>(StringComparer.Ordinal);
        foreach (JsonMap device in old.List("devices")?.Maps() ?? [])
        {
            before[ClaimStatusValidation.Id(device)] = device;
        }

        var drivers = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonMap device in status.List("devices")?.Maps() ?? [])
        {
            if (!before.Remove(ClaimStatusValidation.Id(device), out JsonMap? was) || !JsonValue.DeepEquals(was, device))
            {
                drivers.Add(device.String("driver") ?? "");
            }
        }

        drivers.UnionWith(before.Values.Select(d => d.String("driver") ?? ""));
        return drivers;
    }

    /// <summary>The one node that an allocation is for; empty where it isn't one.</summary>
    private static string NodeOf(JsonMap allocation)
    {
        List<JsonMap> terms = [.. allocation.Map("nodeSelector")?.List("nodeSelectorTerms")?.Maps() ?? []];
        if (terms.Count != 1 || terms[0].List("matchExpressions") is { Count: > 0 }
            || terms[0].List("matchFields") is not { Count: 1 } fields)
        {
            return "";
        }

        JsonMap field = fields.Maps().First();
        return field.String("key") == "metadata.name" && field.String("operator") == "In" && field.List("values") is { Count: 1 } values
            ? values[0] as string ?? ""
            : "";
    }

    private static bool IsOnNode(UserInfo user, string node) =>
        node.Length > 0 && user.Name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) &&
        user.Extra.TryGetValue(NodeName, out IReadOnlyList<string>? nodes) && nodes.Count == 1 && nodes[0] == node;

    private static bool Same(JsonList? list, JsonList? other) =>
        (list?.Count ?? 0) == (other?.Count ?? 0) && ((list?.Count ?? 0) == 0 || JsonValue.DeepEquals(list, other));
}
