using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiMachinery.Names;
using KubeLite.ApiServer.Registry.Generic;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>Validates Services (ValidateService of Kubernetes v1.36).</summary>
public static class ServiceValidation
{
    private static readonly string[] s_types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    /// <summary>Adds every fault.</summary>
    public static void Validate(JsonMap service, FieldErrors errors)
    {
        FieldPath path = FieldPath.Of("spec");
        JsonMap spec = service.MapAt("spec");
        string type = spec.String("type") ?? "";
        string clusterIp = spec.String("clusterIP") ?? "";
        bool headless = clusterIp == "None";
        JsonList? ports = spec.List("ports");
        if (ports is not { Count: > 0 } && !headless && type != "ExternalName")
        {
            errors.Required(path.Child("ports"));
        }

        switch (type)
        {
            case "ExternalName":
                string name = spec.String("externalName") ?? "";
                if (name.Length > 0)
                {
                    foreach (string fault in NameRules.DnsSubdomain(name.TrimEnd('.')))
                    {
                        errors.Invalid(path.Child("externalName"), name, fault);
                    }
                }
                else
                {
                    errors.Required(path.Child("externalName"));
                }

                break;
            case "LoadBalancer" when headless:
                errors.Invalid(path.Child("clusterIPs").Index(0), "None", "may not be set to 'None' for LoadBalancer services");
                break;
            case "NodePort" when headless:
                errors.Invalid(path.Child("clusterIPs").Index(0), "None", "may not be set to 'None' for NodePort services");
                break;
        }

        Ports(ports, headless, path.Child("ports"), errors);
        MetadataValidation.Labels(spec.Map("selector"), path.Child("selector"), errors);
        string affinity = spec.String("sessionAffinity") ?? "";
        if (affinity.Length == 0)
        {
            errors.Required(path.Child("sessionAffinity"));
        }
        else if (affinity is not ("ClientIP" or "None"))
        {
            errors.NotSupported(path.Child("sessionAffinity"), affinity, "ClientIP", "None");
        }
        else if (affinity == "ClientIP" && spec.Map("sessionAffinityConfig")?.Map("clientIP")?.Integer("timeoutSeconds") is { } seconds and (<= 0 or > 86400))
        {
            errors.Invalid(path.Child("sessionAffinityConfig").Child("clientIP").Child("timeoutSeconds"), seconds, "must be greater than 0 and less than or equal to 86400");
        }

        Addresses(spec, type, path, errors);
        int index = 0;
        foreach (string address in spec.List("externalIPs")?.Strings() ?? [])
        {
            if (!IPAddress.TryParse(address, out _) || address.Count(c => c == '.') is not 3 && !address.Contains(':'))
            {
                errors.Invalid(path.Child("externalIPs").Index(index), address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            index++;
        }

        if (type.Length == 0)
        {
            errors.Required(path.Child("type"));
        }
        else if (!s_types.Contains(type))
        {
            errors.NotSupported(path.Child("type"), type, s_types);
        }

        if (type == "ClusterIP")
        {
            index = 0;
            foreach (JsonMap port in ports?.Maps() ?? [])
            {
                if (port.Integer("nodePort") is > 0)
                {
                    errors.Forbidden(path.Child("ports").Index(index).Child("nodePort"), "may not be used when `type` is 'ClusterIP'");
                }

                index++;
            }
        }

        Duplicates(ports, path.Child("ports"), errors);
        NodePortDuplicates(ports, path.Child("ports"), errors);
        if (spec.List("loadBalancerSourceRanges") is { Count: > 0 } ranges)
        {
            if (type != "LoadBalancer")
            {
                errors.Forbidden(path.Child("loadBalancerSourceRanges"), "may only be used when `type` is 'LoadBalancer'");
            }

            index = 0;
            foreach (string range in ranges.Strings())
            {
                if (!IPNetwork.TryParse(range.Trim(), out _))
                {
                    errors.Invalid(path.Child("loadBalancerSourceRanges").Index(index), range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
                }

                index++;
            }
        }

        if (spec["allocateLoadBalancerNodePorts"] is not null && type != "LoadBalancer")
        {
            errors.Forbidden(path.Child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'");
        }

        TrafficPolicies(spec, type, path, errors);
    }

    private static void Ports(JsonList? ports, bool headless, FieldPath path, FieldErrors errors)
    {
        bool needsName = ports is { Count: > 1 };
        var names = new HashSet<string>(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            FieldPath at = path.Index(index++);
            string name = port.String("name") ?? "";
            if (needsName && name.Length == 0)
            {
                errors.Required(at.Child("name"));
            }
            else if (name.Length > 0)
            {
                foreach (string fault in NameRules.DnsLabel(name))
                {
                    errors.Invalid(at.Child("name"), name, fault);
                }

                if (!names.Add(name))
                {
                    errors.Duplicate(at.Child("name"), name);
                }
            }

            long number = port.Integer("port") ?? 0;
            foreach (string fault in NameRules.PortNumber(number))
            {
                errors.Invalid(at.Child("port"), number, fault);
            }

            string protocol = port.String("protocol") ?? "";
            if (protocol.Length == 0)
            {
                errors.Required(at.Child("protocol"));
            }
            else if (protocol is not ("TCP" or "UDP" or "SCTP"))
            {
                errors.NotSupported(at.Child("protocol"), protocol, "SCTP", "TCP", "UDP");
            }

            IEnumerable<string> faults = port["targetPort"] switch
            {
                long target => NameRules.PortNumber(target),
                string target => NameRules.PortName(target),
                _ => [],
            };
            foreach (string fault in faults)
            {
                errors.Invalid(at.Child("targetPort"), port["targetPort"], fault);
            }

            if (port.String("appProtocol") is { } app)
            {
                foreach (string fault in NameRules.QualifiedName(app))
                {
                    errors.Invalid(at.Child("appProtocol"), app, fault);
                }
            }
        }
    }

    private static void Addresses(JsonMap spec, string type, FieldPath path, FieldErrors errors)
    {
        List<string> addresses = [.. spec.List("clusterIPs")?.Strings() ?? []];
        if (type == "ExternalName")
        {
            if (addresses.Count > 0)
            {
                errors.Forbidden(path.Child("clusterIPs"), "may not be set for ExternalName services");
            }

            return;
        }

        if (addresses.Count > 0 && addresses[0] != (spec.String("clusterIP") ?? ""))
        {
            errors.Invalid(path.Child("clusterIPs"), spec["clusterIPs"], "first value must match `clusterIP`");
        }

        for (int i = 0; i < addresses.Count; i++)
        {
            string address = addresses[i];
            if (i == 0 && address == "None")
            {
                if (addresses.Count > 1)
                {
                    errors.Invalid(path.Child("clusterIPs"), spec["clusterIPs"], "'None' must be the first and only value");
                }

                continue;
            }

            if (!IPAddress.TryParse(address, out _) || (!address.Contains(':') && address.Count(c => c == '.') != 3))
            {
                errors.Invalid(path.Child("clusterIPs").Index(i), address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }
        }
    }

    private static void Duplicates(JsonList? ports, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<(string?, long?)>();
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            if (!seen.Add((port.String("protocol"), port.Integer("port"))))
            {
                // Kubernetes shows the key in the form of its internal type.
                errors.Duplicate(path.Index(index), new JsonMap
                {
                    { "Name", "" }, { "Protocol", port["protocol"] }, { "AppProtocol", null }, { "Port", port["port"] }, { "TargetPort", 0L }, { "NodePort", 0L },
                });
            }

            index++;
        }
    }

    private static void NodePortDuplicates(JsonList? ports, FieldPath path, FieldErrors errors)
    {
        var seen = new HashSet<(string?, long)>();
        int index = 0;
        foreach (JsonMap port in ports?.Maps() ?? [])
        {
            if (port.Integer("nodePort") is > 0 and var number && !seen.Add((port.String("protocol"), number)))
            {
                errors.Duplicate(path.Index(index).Child("nodePort"), number);
            }

            index++;
        }
    }

    private static void TrafficPolicies(JsonMap spec, string type, FieldPath path, FieldErrors errors)
    {
        string external = spec.String("externalTrafficPolicy") ?? "";
        bool reachable = type is "NodePort" or "LoadBalancer" || (type == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });
        if (external.Length > 0 && !reachable)
        {
            errors.Invalid(path.Child("externalTrafficPolicy"), external, "may only be set for externally-accessible services");
        }
        else if (external.Length > 0 && external is not ("Cluster" or "Local"))
        {
            errors.NotSupported(path.Child("externalTrafficPolicy"), external, "Cluster", "Local");
        }
        else if (external.Length == 0 && reachable)
        {
            errors.Required(path.Child("externalTrafficPolicy"));
        }

        if (spec.Integer("healthCheckNodePort") is > 0 and var health && !(type == "LoadBalancer" && external == "Local"))
        {
            errors.Invalid(path.Child("healthCheckNodePort"), health, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }

        if (spec.String("internalTrafficPolicy") is { } policy && policy is not ("Cluster" or "Local"))
        {
            errors.NotSupported(path.Child("internalTrafficPolicy"), policy, "Cluster", "Local");
        }
    }
}
