using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>Validates Services (Kubernetes v1.36, <c>ValidateService</c>).</summary>
public sealed class ServiceValidation(FieldErrors errors)
{
    private const string OnlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'";
    private const string Hints = "service.kubernetes.io/topology-aware-hints";
    private const string Mode = "service.kubernetes.io/topology-mode";
    private const string Ranges = "service.beta.kubernetes.io/load-balancer-source-ranges";

    private static readonly FieldPath s_path = FieldPath.Of("spec");

    /// <summary>True where a Service has no address of its own.</summary>
    public static bool IsHeadless(JsonMap spec) => spec.List("clusterIPs") is { Count: 1 } addresses && addresses[0] is "None";

    /// <summary>Adds every fault.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="old">As it was: addresses that it had may stay; null for a new one.</param>
    public void Validate(JsonMap service, JsonMap? old = null)
    {
        JsonMap spec = service.MapAt("spec");
        JsonMap? oldSpec = old?.Map("spec");
        JsonMap? annotations = service.MapAt("metadata").Map("annotations");
        string type = spec.String("type") ?? "";
        if (annotations?.String(Mode) is { } mode && annotations.String(Hints) is { } hints && mode != hints)
        {
            errors.Invalid(
                FieldPath.Of("metadata", "annotations").Key(Mode), mode, $"must match annotations[{Hints}] when both are specified");
        }

        if (spec.List("ports") is not { Count: > 0 } && !IsHeadless(spec) && type != "ExternalName")
        {
            errors.Required(s_path.Child("ports"));
        }

        Type(spec, type);
        Ports(spec.List("ports"));
        MetadataValidation.Labels(spec.Map("selector"), s_path.Child("selector"), errors);
        Affinity(spec);
        new ServiceAddressValidation(errors).Validate(spec, oldSpec);
        ExternalAddresses(spec.List("externalIPs"), [.. oldSpec?.List("externalIPs")?.Strings() ?? []]);
        FieldRules.RequiredOneOf(type, s_path.Child("type"), errors, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort");
        NodePorts(spec.List("ports"), type == "ClusterIP");
        Duplicates(spec.List("ports"));
        LoadBalancer(spec, annotations, old);
        LoadBalancerClass(spec, null);
        TrafficPolicies(spec, type);
    }

    /// <summary>Adds the faults of a load balancer's class; one that is set stays.</summary>
    public void LoadBalancerClass(JsonMap spec, JsonMap? old)
    {
        FieldPath at = s_path.Child("loadBalancerClass");
        string? own = spec.String("loadBalancerClass");
        bool balanced = spec.String("type") == "LoadBalancer";
        if (balanced && old?.String("type") == "LoadBalancer" && own != old.String("loadBalancerClass"))
        {
            errors.Invalid(at, own, "may not change once set");
        }

        if (own is not null && balanced)
        {
            FieldRules.QualifiedName(own, at, errors);
        }
        else if (own is not null)
        {
            errors.Forbidden(at, OnlyLoadBalancer);
        }
    }

    private void Type(JsonMap spec, string type)
    {
        if (type is "LoadBalancer" or "NodePort" && IsHeadless(spec))
        {
            errors.Invalid(s_path.Child("clusterIPs").Index(0), "None", $"may not be set to 'None' for {type} services");
        }

        if (type != "ExternalName")
        {
            return;
        }

        foreach (string name in (string[])["clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[name] is not (null or JsonList { Count: 0 }))
            {
                errors.Forbidden(s_path.Child(name), "may not be set for ExternalName services");
            }
        }

        string external = spec.String("externalName") ?? "";
        string host = external.EndsWith('.') ? external[..^1] : external;
        if (host.Length == 0)
        {
            errors.Required(s_path.Child("externalName"));
        }
        else
        {
            FieldRules.Subdomain(host, s_path.Child("externalName"), errors);
        }
    }

    private void Ports(JsonList? ports)
    {
        bool named = ports is { Count: > 1 };
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            FieldPath at = s_path.Child("ports").Index(index++);
            string name = port.String("name") ?? "";
            if (named && name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else if (name.Length > 0)
            {
                FieldRules.Label(name, at.Child("name"), errors);
                if (!names.Add(name))
                {
                    errors.Duplicate(at.Child("name"), name);
                }
            }

            long number = port.Integer("port") ?? 0;
            FieldRules.Follows(NameRules.PortNumber(number), number, at.Child("port"), errors);
            FieldRules.RequiredOneOf(port.String("protocol"), at.Child("protocol"), errors, "SCTP", "TCP", "UDP");
            ProbeValidation.Port(port["targetPort"], at.Child("targetPort"), errors);
            if (port.String("appProtocol") is { } app)
            {
                FieldRules.QualifiedName(app, at.Child("appProtocol"), errors);
            }
        }
    }

    private void Affinity(JsonMap spec)
    {
        string affinity = spec.String("sessionAffinity") ?? "";
        JsonMap? config = spec.Map("sessionAffinityConfig");
        FieldPath at = s_path.Child("sessionAffinityConfig");
        FieldRules.RequiredOneOf(affinity, s_path.Child("sessionAffinity"), errors, "ClientIP", "None");
        if (affinity == "None" && config is not null)
        {
            errors.Forbidden(at, "must not be set when session affinity is None");
        }

        if (affinity != "ClientIP")
        {
            return;
        }

        const string Needed = "when session affinity type is ClientIP";
        if (config is null)
        {
            errors.Required(at, Needed);
        }
        else if (config.Map("clientIP") is not { } client)
        {
            errors.Required(at.Child("clientIP"), Needed);
        }
        else if (client.Integer("timeoutSeconds") is not { } seconds)
        {
            errors.Required(at.Child("clientIP").Child("timeoutSeconds"), Needed);
        }
        else if (seconds is <= 0 or > 86400)
        {
            errors.Invalid(at.Child("clientIP").Child("timeoutSeconds"), seconds, "must be greater than 0 and less than 86400");
        }
    }

    private void ExternalAddresses(JsonList? addresses, IReadOnlyCollection<string> kept)
    {
        int index = 0;
        foreach (string address in addresses?.Strings() ?? [])
        {
            FieldPath at = s_path.Child("externalIPs").Index(index++);
            int before = errors.Count;
            FieldRules.Address(address, at, errors, kept);
            if (errors.Count == before)
            {
                IpText.Endpoint(address, at, errors);
            }
        }
    }

    private void NodePorts(JsonList? ports, bool internalOnly)
    {
        List<JsonMap> all = [.. ports?.Maps() ?? []];
        for (int i = 0; internalOnly && i < all.Count; i++)
        {
            if (all[i].Integer("nodePort") is not (null or 0))
            {
                errors.Forbidden(s_path.Child("ports").Index(i).Child("nodePort"), "may not be used when `type` is 'ClusterIP'");
            }
        }

        var seen = new HashSet<(string?, long)>();
        for (int i = 0; i < all.Count; i++)
        {
            if (all[i].Integer("nodePort") is { } number and not 0 && !seen.Add((all[i].String("protocol"), number)))
            {
                errors.Duplicate(s_path.Child("ports").Index(i).Child("nodePort"), number);
            }
        }
    }

    private void Duplicates(JsonList? ports)
    {
        var seen = new HashSet<(string?, long?)>();
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            if (!seen.Add((port.String("protocol"), port.Integer("port"))))
            {
                // Kubernetes shows the key in the form of its internal type.
                errors.Duplicate(s_path.Child("ports").Index(index), new JsonMap
                {
                    { "Name", "" }, { "Protocol", port["protocol"] }, { "AppProtocol", null },
                    { "Port", port["port"] }, { "TargetPort", 0L }, { "NodePort", 0L },
                });
            }

            index++;
        }
    }

    private void LoadBalancer(JsonMap spec, JsonMap? annotations, JsonMap? old)
    {
        bool balanced = spec.String("type") == "LoadBalancer";
        if (spec.List("loadBalancerSourceRanges") is { Count: > 0 } ranges)
        {
            FieldPath at = s_path.Child("LoadBalancerSourceRanges");
            if (!balanced)
            {
                errors.Forbidden(at, OnlyLoadBalancer);
            }

            List<string> kept = [.. (old?.Map("spec")?.List("loadBalancerSourceRanges")?.Strings() ?? []).Select(r => r.Trim())];
            int index = 0;
            foreach (string range in ranges.Strings())
            {
                FieldRules.Network(range.Trim(), at.Index(index++), errors, kept);
            }
        }
        else if (annotations?.String(Ranges) is { } text)
        {
            FieldPath at = FieldPath.Of("metadata", "annotations").Key(Ranges);
            if (!balanced)
            {
                errors.Forbidden(at, OnlyLoadBalancer);
            }

            bool changed = old?.Map("metadata")?.Map("annotations")?.String(Ranges) != text;
            foreach (string range in !changed || text.Trim().Length == 0 ? [] : text.Trim().Split(','))
            {
                FieldRules.Network(range.Trim(), at, errors);
            }
        }

        if (spec["allocateLoadBalancerNodePorts"] is not null && !balanced)
        {
            errors.Forbidden(s_path.Child("allocateLoadBalancerNodePorts"), OnlyLoadBalancer);
        }

        if (spec["allocateLoadBalancerNodePorts"] is null && balanced)
        {
            errors.Required(FieldPath.Of("allocateLoadBalancerNodePorts"));
        }
    }

    private void TrafficPolicies(JsonMap spec, string type)
    {
        string external = spec.String("externalTrafficPolicy") ?? "";
        bool reachable = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
        if (reachable)
        {
            FieldRules.RequiredOneOf(external, s_path.Child("externalTrafficPolicy"), errors, "Cluster", "Local");
        }
        else if (external.Length > 0)
        {
            errors.Invalid(s_path.Child("externalTrafficPolicy"), external, "may only be set for externally-accessible services");
        }

        long health = spec.Integer("healthCheckNodePort") ?? 0;
        bool checkedHealth = type == "LoadBalancer" && external == "Local";
        if (health != 0 && !checkedHealth)
        {
            errors.Invalid(
                s_path.Child("healthCheckNodePort"), health,
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
        else if (health != 0)
        {
            FieldRules.Follows(NameRules.PortNumber(health), health, s_path.Child("healthCheckNodePort"), errors);
        }

        if (spec.String("internalTrafficPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, s_path.Child("internalTrafficPolicy"), errors, "Cluster", "Local");
        }
        else if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            errors.Required(s_path.Child("internalTrafficPolicy"));
        }

        if (spec.String("trafficDistribution") is { } distribution)
        {
            FieldRules.OneOf(distribution, s_path.Child("trafficDistribution"), errors, "PreferClose", "PreferSameZone", "PreferSameNode");
        }
    }
}
