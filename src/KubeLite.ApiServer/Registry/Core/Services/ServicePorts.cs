using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>Takes and gives back the node ports of one Service's spec. Safe for use from many threads.</summary>
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

    /// <summary>True where nodes tell a load balancer whether they have a pod of the Service.</summary>
    public static bool IsHealthNeeded(JsonMap spec) => spec.String("type") == "LoadBalancer" && spec.String("externalTrafficPolicy") == "Local";

    /// <summary>Takes what a spec names and what it leaves open, and writes it there.</summary>
    /// <param name="allocator">Where from.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="old">The spec before; its ports are the Service's already.</param>
    /// <param name="name">The Service, for messages.</param>
    /// <param name="dryRun">True where nothing is to be taken.</param>
    /// <param name="taken">Gets what was taken, so that it can be given back.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiException">422: a port is taken or out of the range; 500: none is left.</exception>
    public static async Task TakeAsync(
        ServiceAllocator allocator, JsonMap spec, JsonMap? old, string name, bool dryRun, List<int> taken, CancellationToken cancellationToken)
    {
        HashSet<int> mine = old is null ? [] : [.. Of(old)];
        bool loadBalancerWithout = spec.String("type") == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] is false;
        int index = 0;
        foreach (JsonMap port in spec.List("ports")?.Maps() ?? [])
        {
            FieldPath path = FieldPath.Of("spec", "ports").Index(index++).Child("nodePort");
            if (port.Integer("nodePort") is > 0 and var wanted)
            {
                await TakeAsync(wanted, path);
            }
            else if (!loadBalancerWithout)
            {
                port["nodePort"] = await TakeAnyAsync();
            }
        }

        if (IsHealthNeeded(spec))
        {
            if (spec.Integer("healthCheckNodePort") is > 0 and var health)
            {
                await TakeAsync(health, FieldPath.Of("spec", "healthCheckNodePort"));
            }
            else
            {
                spec["healthCheckNodePort"] = await TakeAnyAsync();
            }
        }

        async Task TakeAsync(long wanted, FieldPath path)
        {
            // One number serves several protocols of the same Service.
            if (mine.Add((int)wanted))
            {
                if (await allocator.TakePortAsync(wanted, dryRun, cancellationToken) is { } fault)
                {
                    var errors = new FieldErrors();
                    errors.Invalid(path, wanted, fault);
                    throw ApiException.Invalid("", "Service", name, errors);
                }

                taken.Add((int)wanted);
            }
        }

        async Task<long> TakeAnyAsync()
        {
            int port = await allocator.TakePortAsync(dryRun, cancellationToken);
            mine.Add(port);
            taken.Add(port);
            return port;
        }
    }
}
