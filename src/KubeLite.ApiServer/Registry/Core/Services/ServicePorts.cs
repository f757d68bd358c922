using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// Which node ports a Service's spec holds and needs (Kubernetes v1.36, <c>pkg/registry/core/service/storage/alloc.go</c>).
/// </summary>
internal static class ServicePorts
{
    /// <summary>The numbers that a spec holds, that of the health check among them.</summary>
    public static IEnumerable<int> Of(JsonMap spec)
    {
        foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
        {
            if (port.Integer("nodePort") is > 0 and var number)
            {
                yield return (int)number;
            }
        }

        if (spec.Integer("healthCheckNodePort") is > 0 and var health)
        {
            yield return (int)health;
        }
    }

    /// <summary>True where the Service is reached on its nodes.</summary>
    public static bool AreNeeded(JsonMap spec) => spec.String("type") is "NodePort" or "LoadBalancer";

    /// <summary>True where the Service gets numbers that nobody named.</summary>
    public static bool AreGiven(JsonMap spec) =>
        spec.String("type") == "NodePort" || (spec.String("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] is not false);

    /// <summary>True where nodes tell a load balancer whether they have a pod of the Service.</summary>
    public static bool IsHealthNeeded(JsonMap spec) =>
        spec.String("type") == "LoadBalancer" && spec.String("externalTrafficPolicy") == "Local";

    /// <summary>Takes what a spec names and what it leaves open, and writes it there.</summary>
    /// <param name="ports">Where from.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="old">The spec before; its ports are the Service's already.</param>
    /// <param name="name">The Service, for messages.</param>
    /// <exception cref="ApiException">
    /// 422: a port is taken or out of the range; 500: none is left, or that of the health check is taken.
    /// </exception>
    public static async Task AssignAsync(PortOperation ports, JsonMap spec, JsonMap? old, string name)
    {
        if (AreNeeded(spec))
        {
            await (old is null ? CreateAsync(ports, spec, name) : UpdateAsync(ports, spec, old, name));
        }

        if (!IsHealthNeeded(spec) || (old is not null && IsHealthNeeded(old)))
        {
            return;
        }

        if (spec.Integer("healthCheckNodePort") is not (> 0 and var health))
        {
            spec["healthCheckNodePort"] = await ports.NextAsync("a HealthCheck NodePort 0");
        }
        else if (await ports.AllocateAsync(health) is { } fault)
        {
            throw ApiException.Internal($"failed to allocate requested HealthCheck NodePort {health}: {fault}");
        }
    }

    /// <summary>Ports of one number share a node port, whatever their protocols.</summary>
    private static async Task CreateAsync(PortOperation ports, JsonMap spec, string name)
    {
        List<JsonMap> all = [.. spec.List("ports")?.Maps() ?? []];
        var given = new Dictionary<long, long>();
        for (int i = 0; i < all.Count; i++)
        {
            long number = all[i].Integer("port") ?? 0, node = all[i].Integer("nodePort") ?? 0;
            if (node == 0 && !AreGiven(spec))
            {
                continue;
            }

            if (!given.TryGetValue(number, out long shared))
            {
                long wanted = all.FirstOrDefault(p => p.Integer("port") == number && p.Integer("nodePort") is not (null or 0))
                    ?.Integer("nodePort") ?? 0;
                if (wanted == 0)
                {
                    wanted = await ports.NextAsync("a nodePort");
                }
                else
                {
                    await RequireAsync(ports, wanted, i, name);
                }

                all[i]["nodePort"] = given[number] = wanted;
            }
            else if (node == 0)
            {
                all[i]["nodePort"] = shared;
            }
            else if (node != shared)
            {
                await RequireAsync(ports, node, i, name);
            }
        }
    }

    private static async Task UpdateAsync(PortOperation ports, JsonMap spec, JsonMap old, string name)
    {
        HashSet<long> mine = [.. (old.List("ports")?.Maps() ?? []).Select(p => p.Integer("nodePort") ?? 0).Where(p => p != 0)];
        var seen = new HashSet<(string, long)>();
        int index = -1;
        foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
        {
            index++;
            long node = port.Integer("nodePort") ?? 0;
            if (node == 0 && !AreGiven(spec))
            {
                continue;
            }

            if (node == 0)
            {
                port["nodePort"] = node = await ports.NextAsync("a nodePort");
            }
            else if (mine.Add(node))
            {
                await RequireAsync(ports, node, index, name);
            }

            string protocol = port.String("protocol") ?? "";
            if (!seen.Add((protocol, node)))
            {
                throw ApiException.Bare($"duplicate nodePort: {{{protocol} {node}}}");
            }
        }
    }

    private static async Task RequireAsync(PortOperation ports, long wanted, int index, string name)
    {
        if (await ports.AllocateAsync(wanted) is { } fault)
        {
            var errors = new FieldErrors();
            errors.Invalid(FieldPath.Of("spec", "ports").Index(index).Child("nodePort"), wanted, fault);
            throw ApiException.Invalid("", "Service", name, errors);
        }
    }
}
