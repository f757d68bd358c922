using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Core.Endpoints;

/// <summary>Endpoints (Kubernetes v1.36, <c>pkg/registry/core/endpoint</c>).</summary>
public sealed class EndpointsStrategy : ResourceStrategy
{
    private const int Shown = 3;

    /// <summary>Makes the strategy.</summary>
    public EndpointsStrategy()
    {
        AllowsCreateOnUpdate = true;
        Deprecation = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
    }

    /// <summary>Sets the defaults of a port.</summary>
    public static void DefaultPort(JsonMap port)
    {
        if ((port.String("protocol") ?? "").Length == 0)
        {
            port["protocol"] = "TCP";
        }
    }

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        // Subsets that were taken once, by whatever rules, stay good.
        if (!JsonValue.DeepEquals(obj["subsets"], old["subsets"]))
        {
            Validate(context, obj, errors);
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        // What the controller writes is in order.
        if (obj.MapAt("metadata").Map("labels")?.String("endpoints.kubernetes.io/managed-by") == "endpoint-controller")
        {
            yield break;
        }

        int index = 0;
        foreach (JsonMap subset in obj.List("subsets")?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("subsets").Index(index++);
            foreach (string member in (string[])["addresses", "notReadyAddresses"])
            {
                IEnumerable<string> warnings = (subset.List(member)?.Maps() ?? [])
                    .SelectMany((a, i) => AddressWarnings.Address(a.String("ip"), path.Child(member).Index(i).Child("ip")));
                foreach (string warning in warnings)
                {
                    yield return warning;
                }
            }
        }
    }

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors)
    {
        int i = 0;
        foreach (JsonMap subset in obj.List("subsets")?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("subsets").Index(i++);
            if (subset.List("addresses") is not { Count: > 0 } && subset.List("notReadyAddresses") is not { Count: > 0 })
            {
                errors.Required(path, "must specify `addresses` or `notReadyAddresses`");
            }

            foreach (string member in (string[])["addresses", "notReadyAddresses"])
            {
                int j = 0;
                foreach (JsonMap address in subset.List(member)?.Maps() ?? [])
                {
                    Address(address, path.Child(member).Index(j++), errors);
                }
            }

            int k = 0;
            foreach (JsonMap port in subset.List("ports")?.Maps() ?? [])
            {
                Port(port, subset.List("ports")!.Count > 1, path.Child("ports").Index(k++), errors);
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return [metadata.String("name"), Addresses(obj.List("subsets")), TableText.Age(metadata.String("creationTimestamp"))];
    }

    private static string Addresses(JsonList? subsets)
    {
        if (subsets is not { Count: > 0 })
        {
            return TableText.None;
        }

        var texts = new List<string>();
        foreach (JsonMap subset in subsets.Maps())
        {
            List<string> addresses = [.. (subset.List("addresses")?.Maps() ?? []).Select(a => a.String("ip") ?? "")];
            List<JsonMap> ports = [.. subset.List("ports")?.Maps() ?? []];
            texts.AddRange(ports.Count == 0
                ? addresses
                : ports.SelectMany(
                    p => addresses.Select(a => a.Contains(':') ? $"[{a}]:{p.Integer("port")}" : $"{a}:{p.Integer("port")}")));
        }

        string text = string.Join(",", texts.Take(Shown));
        return texts.Count > Shown ? $"{text} + {texts.Count - Shown} more..." : text;
    }

    private static void Address(JsonMap address, FieldPath path, FieldErrors errors)
    {
        string ip = address.String("ip") ?? "";
        FieldRules.Address(ip, path.Child("ip"), errors);
        if (address.String("hostname") is { Length: > 0 } hostname)
        {
            FieldRules.Label(hostname, path.Child("hostname"), errors);
        }

        if (address.String("nodeName") is { } node)
        {
            FieldRules.Subdomain(node, path.Child("nodeName"), errors);
        }

        IpText.Endpoint(ip, path.Child("ip"), errors);
    }

    private static void Port(JsonMap port, bool needsName, FieldPath path, FieldErrors errors)
    {
        string name = port.String("name") ?? "";
        if (name.Length > 0)
        {
            FieldRules.Label(name, path.Child("name"), errors);
        }
        else if (needsName)
        {
            errors.Required(path.Child("name"));
        }

        long number = port.Integer("port") ?? 0;
        FieldRules.Follows(NameRules.PortNumber(number), number, path.Child("port"), errors);
        FieldRules.RequiredOneOf(port.String("protocol"), path.Child("protocol"), errors, "SCTP", "TCP", "UDP");
        if (port.String("appProtocol") is { } application)
        {
            FieldRules.QualifiedName(application, path.Child("appProtocol"), errors);
        }
    }
}
