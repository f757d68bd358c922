using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// What of a Service's old spec an update keeps or takes along that says nothing of it (Kubernetes v1.36,
/// <c>patchAllocatedValues</c>, <c>normalizeClusterIPs</c> and <c>dropTypeDependentFields</c> of <c>pkg/registry/core/service</c>).
/// </summary>
public static class ServiceChange
{
    /// <summary>Addresses and ports that a client leaves out it doesn't give back: it may know nothing of them.</summary>
    public static void KeepAllocated(JsonMap spec, JsonMap old)
    {
        if (ServiceStrategy.NeedsAddress(spec) && ServiceStrategy.NeedsAddress(old))
        {
            if ((spec.String("clusterIP") ?? "").Length == 0)
            {
                spec["clusterIP"] = old["clusterIP"];
            }

            if (spec.List("clusterIPs") is not { Count: > 0 })
            {
                spec["clusterIPs"] = JsonValue.DeepCopy(old["clusterIPs"]);
            }
        }

        if (ServicePorts.AreGiven(spec) && ServicePorts.AreGiven(old))
        {
            KeepPorts([.. spec.List("ports")?.Maps() ?? []], [.. old.List("ports")?.Maps() ?? []]);
        }

        if (ServicePorts.IsHealthNeeded(spec) && ServicePorts.IsHealthNeeded(old) && (spec.Integer("healthCheckNodePort") ?? 0) == 0)
        {
            spec["healthCheckNodePort"] = old["healthCheckNodePort"];
        }
    }

    /// <summary>The one address and the list of them follow each other where a client changes but one.</summary>
    public static void SynchronizeAddresses(JsonMap spec, JsonMap? old)
    {
        string ip = spec.String("clusterIP") ?? "", oldIp = old?.String("clusterIP") ?? "";
        List<string> addresses = [.. spec.List("clusterIPs")?.Strings() ?? []], before = [.. old?.List("clusterIPs")?.Strings() ?? []];
        if (old is null)
        {
            if (ip.Length > 0 && addresses.Count == 0)
            {
                spec["clusterIPs"] = new JsonList { ip };
            }

            return;
        }

        if (before.Count > 0 && addresses.Count == 0 && ip == oldIp)
        {
            spec["clusterIPs"] = JsonValue.DeepCopy(old["clusterIPs"]);
        }

        if (ip == oldIp || !addresses.SequenceEqual(before))
        {
            return;
        }

        if (oldIp.Length > 0 && ip.Length == 0)
        {
            spec.Remove("clusterIPs");
        }
        else
        {
            spec["clusterIPs"] = new JsonList { ip };
        }
    }

    /// <summary>What only the old type has goes with it, where the caller didn't change it.</summary>
    public static void DropOfOtherTypes(JsonMap spec, JsonMap old)
    {
        if (ServiceStrategy.NeedsAddress(old) && !ServiceStrategy.NeedsAddress(spec))
        {
            if (Same("clusterIP") && Same("clusterIPs"))
            {
                spec.Remove("clusterIP");
                spec.Remove("clusterIPs");
            }

            Drop(true, "ipFamilies");
            Drop(true, "ipFamilyPolicy");
        }

        if (ServicePorts.AreNeeded(old) && !ServicePorts.AreNeeded(spec))
        {
            DropPorts([.. spec.List("ports")?.Maps() ?? []], [.. old.List("ports")?.Maps() ?? []]);
        }

        bool leavesBalancer = old.String("type") == "LoadBalancer" && spec.String("type") != "LoadBalancer";
        Drop(ServicePorts.IsHealthNeeded(old) && !ServicePorts.IsHealthNeeded(spec), "healthCheckNodePort");
        Drop(leavesBalancer, "allocateLoadBalancerNodePorts");
        Drop(leavesBalancer, "loadBalancerClass");
        Drop(IsReachedFromOutside(old) && !IsReachedFromOutside(spec), "externalTrafficPolicy");

        bool Same(string name) => JsonValue.DeepEquals(spec[name], old[name]);

        void Drop(bool goes, string name)
        {
            if (goes && Same(name))
            {
                spec.Remove(name);
            }
        }
    }

    private static bool IsReachedFromOutside(JsonMap spec) =>
        ServicePorts.AreNeeded(spec) || (spec.String("type") == "ClusterIP" && spec.List("externalIPs") is { Count: > 0 });

    private static void KeepPorts(List<JsonMap> ports, List<JsonMap> before)
    {
        HashSet<long> used = [.. Numbers(before).Intersect(Numbers(ports))];
        foreach (JsonMap port in ports.Where(p => (p.Integer("nodePort") ?? 0) == 0))
        {
            long number = before.LastOrDefault(b => (b.String("name") ?? "") == (port.String("name") ?? ""))?.Integer("nodePort") ?? 0;
            if (number != 0 && !used.Contains(number))
            {
                port["nodePort"] = number;
            }
        }
    }

    private static void DropPorts(List<JsonMap> ports, List<JsonMap> before)
    {
        if (!Numbers(ports).Except(Numbers(before)).Any())
        {
            foreach (JsonMap port in ports)
            {
                port.Remove("nodePort");
            }
        }
    }

    private static IEnumerable<long> Numbers(List<JsonMap> ports) => ports.Select(p => p.Integer("nodePort") ?? 0).Where(n => n != 0);
}
