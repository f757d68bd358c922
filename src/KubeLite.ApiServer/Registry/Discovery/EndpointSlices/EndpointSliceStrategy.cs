using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Discovery.EndpointSlices;

/// <summary>EndpointSlices (Kubernetes v1.36, <c>pkg/registry/discovery/endpointslice</c>).</summary>
public sealed class EndpointSliceStrategy : ResourceStrategy
{
    private const int MaxEndpoints = 1000;
    private const int MaxAddresses = 100;
    private const int MaxPorts = 20_000;
    private const int MaxHints = 8;
    private const int Shown = 3;

    /// <summary>Makes the strategy.</summary>
    public EndpointSliceStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults of a port.</summary>
    public static void DefaultPort(JsonMap port)
    {
        port.SetDefault("name", "");
        port.SetDefault("protocol", "TCP");
    }

    /// <inheritdoc />
    public override object? GenerationContent(JsonMap obj) =>
        new JsonList { obj["addressType"], obj["endpoints"], obj["ports"], obj.Map("metadata")?.Map("labels") };

    /// <inheritdoc />
    public override void PrepareForCreate(WriteContext context, JsonMap obj) => DropTopology(obj, null);

    /// <inheritdoc />
    public override void PrepareForUpdate(WriteContext context, JsonMap obj, JsonMap old) => DropTopology(obj, old);

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Content(obj, null, errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors)
    {
        Content(obj, old, errors);
        FieldRules.Immutable(obj["addressType"], old["addressType"], FieldPath.Of("addressType"), errors);
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        if (old is null && obj.String("addressType") == "FQDN")
        {
            yield return "spec.addressType: FQDN endpoints are deprecated";
        }

        // What the controllers write is in order.
        if (obj.MapAt("metadata").Map("labels")?.String("endpointslice.kubernetes.io/managed-by")
            is "endpointslice-controller.k8s.io" or "endpointslicemirroring-controller.k8s.io")
        {
            yield break;
        }

        int index = 0;
        foreach (JsonMap endpoint in obj.List("endpoints")?.Maps() ?? [])
        {
            FieldPath at = FieldPath.Of("endpoints").Index(index++).Child("addresses");
            foreach (string warning in (endpoint.List("addresses")?.Strings() ?? [])
                .SelectMany((a, i) => AddressWarnings.Address(a, at.Index(i))))
            {
                yield return warning;
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"),
            obj.String("addressType"),
            More([.. (obj.List("ports")?.Maps() ?? [])
                .Select(p => p.Integer("port")?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? p.String("name") ?? "*")]),
            More([.. (obj.List("endpoints")?.Maps() ?? []).SelectMany(e => e.List("addresses")?.Strings() ?? [])]),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    private static string More(List<string> items)
    {
        string text = string.Join(",", items.Take(Shown));
        return items.Count > Shown ? $"{text} + {items.Count - Shown} more..." : text.Length == 0 ? "<unset>" : text;
    }

    /// <summary>The topology of endpoints was of an older version; it stays only where the endpoints stay as they were.</summary>
    private static void DropTopology(JsonMap obj, JsonMap? old)
    {
        if (old is not null && JsonValue.DeepEquals(obj["endpoints"], old["endpoints"]))
        {
            return;
        }

        foreach (JsonMap endpoint in obj.List("endpoints")?.Maps() ?? [])
        {
            endpoint.Remove("deprecatedTopology");
        }
    }

    private static void Content(JsonMap obj, JsonMap? old, FieldErrors errors)
    {
        FieldRules.RequiredOneOf(obj.String("addressType"), FieldPath.Of("addressType"), errors, "FQDN", "IPv4", "IPv6");
        Ports(obj.List("ports") ?? [], FieldPath.Of("ports"), errors);
        // Endpoints that were taken once, by whatever rules, stay good.
        if (old is null || !JsonValue.DeepEquals(obj["endpoints"], old["endpoints"]))
        {
            Endpoints(obj.List("endpoints") ?? [], obj.String("addressType"), FieldPath.Of("endpoints"), errors);
        }
    }

    private static void Endpoints(JsonList endpoints, string? type, FieldPath path, FieldErrors errors)
    {
        if (endpoints.Count > MaxEndpoints)
        {
            errors.TooMany(path, endpoints.Count, MaxEndpoints);
            return;
        }

        int i = 0;
        foreach (JsonMap endpoint in endpoints.Maps())
        {
            FieldPath at = path.Index(i++);
            JsonList addresses = endpoint.List("addresses") ?? [];
            if (addresses.Count == 0)
            {
                errors.Required(at.Child("addresses"), "must contain at least 1 address");
            }
            else if (addresses.Count > MaxAddresses)
            {
                errors.TooMany(at.Child("addresses"), addresses.Count, MaxAddresses);
            }

            for (int j = 0; j < addresses.Count; j++)
            {
                Address(addresses[j] as string ?? "", type, at.Child("addresses"), j, errors);
            }

            if (endpoint.String("nodeName") is { } node)
            {
                FieldRules.Subdomain(node, at.Child("nodeName"), errors);
            }

            if (endpoint.String("hostname") is { } hostname)
            {
                FieldRules.Label(hostname, at.Child("hostname"), errors);
            }

            Hints(endpoint.Map("hints"), at.Child("hints"), errors);
        }
    }

    private static void Address(string address, string? type, FieldPath list, int index, FieldErrors errors)
    {
        FieldPath path = list.Index(index);
        int before = errors.Count;
        switch (type)
        {
            case "IPv4" or "IPv6":
                if (type == "IPv4")
                {
                    FieldRules.Address(address, path, errors);
                }
                else
                {
                    FieldRules.CanonicalAddress(address, path, errors);
                }

                if (errors.Count > before || !IpText.TryParse(address, out IPAddress parsed))
                {
                    break;
                }

                if (parsed.AddressFamily != (type == "IPv4" ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6))
                {
                    errors.Invalid(list, address, $"must be an {type} address");
                }

                IpText.Endpoint(address, path, errors);
                break;
            case "FQDN":
                DomainName(address, path, errors);
                break;
        }
    }

    /// <summary>A fully qualified domain name; its first fault is all that is said.</summary>
    private static void DomainName(string address, FieldPath path, FieldErrors errors)
    {
        if (address.Length == 0)
        {
            errors.Required(path);
            return;
        }

        string name = address.EndsWith('.') ? address[..^1] : address;
        string[] labels = name.Split('.');
        if (string.Join(",", NameRules.DnsSubdomain(name)) is { Length: > 0 } faults)
        {
            errors.Invalid(path, name, faults);
        }
        else if (labels.Length < 2)
        {
            errors.Invalid(path, name, "should be a domain with at least two segments separated by dots");
        }
        else if (labels.FirstOrDefault(l => NameRules.DnsLabel(l).Any()) is { } label)
        {
            errors.Invalid(path, label, string.Join(",", NameRules.DnsLabel(label)));
        }
    }

    private static void Hints(JsonMap? hints, FieldPath path, FieldErrors errors)
    {
        foreach (string member in (string[])["forZones", "forNodes"])
        {
            JsonList items = hints?.List(member) ?? [];
            FieldPath at = path.Child(member);
            if (items.Count > MaxHints)
            {
                errors.TooMany(at, items.Count, MaxHints);
                return;
            }

            var seen = new HashSet<string>(StringComparer.Ordinal);
            int i = 0;
            foreach (JsonMap item in items.Maps())
            {
                string name = item.String("name") ?? "";
                FieldPath nameAt = at.Index(i++).Child("name");
                if (!seen.Add(name))
                {
                    errors.Duplicate(nameAt, name);
                }

                FieldRules.Follows(member == "forZones" ? NameRules.LabelValue(name) : NameRules.DnsSubdomain(name), name, nameAt, errors);
            }
        }
    }

    private static void Ports(JsonList ports, FieldPath path, FieldErrors errors)
    {
        if (ports.Count > MaxPorts)
        {
            errors.TooMany(path, ports.Count, MaxPorts);
            return;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        int i = 0;
        foreach (JsonMap port in ports.Maps())
        {
            FieldPath at = path.Index(i++);
            string name = port.String("name") ?? "";
            if (name.Length > 0)
            {
                FieldRules.Label(name, at.Child("name"), errors);
            }

            if (!names.Add(name))
            {
                errors.Duplicate(at.Child("name"), name);
            }

            FieldRules.OneOf(port.String("protocol"), at.Child("protocol"), errors, "SCTP", "TCP", "UDP");
            if (port.String("appProtocol") is { } application)
            {
                FieldRules.QualifiedName(application, at.Child("appProtocol"), errors);
            }
        }
    }
}
