using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;
using KubeLite.ApiServer.Tables;

namespace KubeLite.ApiServer.Registry.Networking.NetworkPolicies;

/// <summary>NetworkPolicies (Kubernetes v1.36, <c>pkg/registry/networking/networkpolicy</c>).</summary>
public sealed class NetworkPolicyStrategy : ResourceStrategy
{
    /// <summary>Makes the strategy.</summary>
    public NetworkPolicyStrategy() => TracksGeneration = true;

    /// <summary>Sets the defaults.</summary>
    public static void Default(JsonMap policy)
    {
        JsonMap spec = policy.MapAt("spec");
        if (spec.List("policyTypes") is not { Count: > 0 })
        {
            var types = new JsonList { "Ingress" };
            if (spec.List("egress") is { Count: > 0 })
            {
                types.Add("Egress");
            }

            spec["policyTypes"] = types;
        }
    }

    /// <summary>Sets the defaults of a port.</summary>
    public static void DefaultPort(JsonMap port) => port.SetDefault("protocol", "TCP");

    /// <inheritdoc />
    public override void Validate(WriteContext context, JsonMap obj, FieldErrors errors) => Spec(obj.MapAt("spec"), [], errors);

    /// <inheritdoc />
    public override void ValidateUpdate(WriteContext context, JsonMap obj, JsonMap old, FieldErrors errors) =>
        Spec(obj.MapAt("spec"), [.. Networks(old.MapAt("spec"))], errors);

    private static void Spec(JsonMap spec, IReadOnlyCollection<string> kept, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        SelectorValidation.Labels(spec.Map("podSelector"), path.Child("podSelector"), errors);
        Rules(spec.List("ingress"), "from", path.Child("ingress"), kept, errors);
        Rules(spec.List("egress"), "to", path.Child("egress"), kept, errors);
        JsonList types = spec.List("policyTypes") ?? [];
        path = path.Child("policyTypes");
        if (types.Count > 2)
        {
            errors.Invalid(path, types, "may not specify more than two policyTypes");
            return;
        }

        for (int i = 0; i < types.Count; i++)
        {
            FieldRules.OneOf(types[i] as string, path.Index(i), errors, "Ingress", "Egress");
        }
    }

    /// <inheritdoc />
    public override IEnumerable<string> Warnings(WriteContext context, JsonMap obj, JsonMap? old)
    {
        foreach ((string list, string peers) in ((string, string)[])[("ingress", "from"), ("egress", "to")])
        {
            int rule = 0;
            foreach (JsonMap item in obj.MapAt("spec").List(list)?.Maps() ?? [])
            {
                FieldPath path = FieldPath.Of("spec", list).Index(rule++).Child(peers);
                int index = 0;
                foreach (JsonMap? block in (item.List(peers)?.Maps() ?? []).Select(p => p.Map("ipBlock")))
                {
                    FieldPath at = path.Index(index++).Child("ipBlock");
                    IEnumerable<string> excepts = (block?.List("except")?.Strings() ?? [])
                        .SelectMany((e, i) => AddressWarnings.Network(e, at.Child("except").Index(i)));
                    foreach (string warning in AddressWarnings.Network(block?.String("cidr"), at.Child("cidr")).Concat(excepts))
                    {
                        yield return warning;
                    }
                }
            }
        }
    }

    /// <inheritdoc />
    public override JsonList Cells(JsonMap obj)
    {
        JsonMap metadata = obj.MapAt("metadata");
        return
        [
            metadata.String("name"), TableText.Selector(obj.Map("spec")?.Map("podSelector")),
            TableText.Age(metadata.String("creationTimestamp")),
        ];
    }

    /// <summary>Every network that a policy names, which may stay in it whatever its form.</summary>
    private static IEnumerable<string> Networks(JsonMap spec) =>
        from rules in (IEnumerable<(string List, string Peers)>)[("ingress", "from"), ("egress", "to")]
        from rule in spec.List(rules.List)?.Maps() ?? []
        from peer in rule.List(rules.Peers)?.Maps() ?? []
        let block = peer.Map("ipBlock")
        where block is not null
        from network in (block.List("except")?.Strings() ?? []).Prepend(block.String("cidr") ?? "")
        select network;

    private static void Rules(JsonList? rules, string peers, FieldPath path, IReadOnlyCollection<string> kept, FieldErrors errors)
    {
        int i = 0;
        foreach (JsonMap rule in rules?.Maps() ?? [])
        {
            FieldPath at = path.Index(i++);
            int j = 0;
            foreach (JsonMap port in rule.List("ports")?.Maps() ?? [])
            {
                Port(port, at.Child("ports").Index(j++), errors);
            }

            j = 0;
            foreach (JsonMap peer in rule.List(peers)?.Maps() ?? [])
            {
                Peer(peer, at.Child(peers).Index(j++), kept, errors);
            }
        }
    }

    private static void Port(JsonMap port, FieldPath path, FieldErrors errors)
    {
        if (port.String("protocol") is { } protocol)
        {
            FieldRules.OneOf(protocol, path.Child("protocol"), errors, "TCP", "UDP", "SCTP");
        }

        long? end = port.Integer("endPort");
        FieldPath at = path.Child("endPort");
        switch (port["port"])
        {
            case long number:
                FieldRules.Follows(NameRules.PortNumber(number), number, path.Child("port"), errors);
                if (end < number)
                {
                    errors.Invalid(at, number, "must be greater than or equal to `port`");
                }

                if (end is not null)
                {
                    FieldRules.Follows(NameRules.PortNumber(end.Value), end, at, errors);
                }

                break;
            case string name:
                if (end is not null)
                {
                    errors.Invalid(at, end, "may not be specified when `port` is non-numeric");
                }

                FieldRules.Follows(NameRules.PortName(name), name, path.Child("port"), errors);
                break;
            default:
                if (end is not null)
                {
                    errors.Invalid(at, end, "may not be specified when `port` is not specified");
                }

                break;
        }
    }

    private static void Peer(JsonMap peer, FieldPath path, IReadOnlyCollection<string> kept, FieldErrors errors)
    {
        JsonMap? pods = peer.Map("podSelector"), namespaces = peer.Map("namespaceSelector"), block = peer.Map("ipBlock");
        SelectorValidation.Labels(pods, path.Child("podSelector"), errors);
        SelectorValidation.Labels(namespaces, path.Child("namespaceSelector"), errors);
        if (block is not null)
        {
            Block(block, path.Child("ipBlock"), kept, errors);
        }

        if (pods is null && namespaces is null && block is null)
        {
            errors.Required(path, "must specify a peer");
        }
        else if (block is not null && (pods is not null || namespaces is not null))
        {
            errors.Forbidden(path, "may not specify both ipBlock and another peer");
        }
    }

    private static void Block(JsonMap block, FieldPath path, IReadOnlyCollection<string> kept, FieldErrors errors)
    {
        string cidr = block.String("cidr") ?? "";
        if (cidr.Length == 0)
        {
            errors.Required(path.Child("cidr"));
            return;
        }

        FieldRules.Network(cidr, path.Child("cidr"), errors, kept);
        if (!IpText.TryParseCidr(cidr, out IPAddress network, out int prefix))
        {
            return;
        }

        int i = 0;
        foreach (string except in block.List("except")?.Strings() ?? [])
        {
            FieldPath at = path.Child("except").Index(i++);
            FieldRules.Network(except, at, errors, kept);
            if (IpText.TryParseCidr(except, out IPAddress hole, out int holePrefix)
                && (!IpText.Contains(network, prefix, hole) || prefix >= holePrefix))
            {
                errors.Invalid(at, except, "must be a strict subset of `cidr`");
            }
        }
    }
}
