using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Quantities;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Pods.Resources;

/// <summary>What the containers of a Pod ask for together (component-helpers' <c>AggregateContainerRequests</c> of v1.36).</summary>
public static class ContainerSums
{
    /// <summary>True for a resource that a Pod as a whole may have: cpu, memory and huge pages.</summary>
    public static bool IsForPods(string name) => name is "cpu" or "memory" || ResourceNames.IsHugePages(name);

    /// <summary>
    /// The requests: those of all containers that run together, or of an init container with the sidecars started before
    /// it where that is more.
    /// </summary>
    public static IReadOnlyDictionary<string, Quantity> Requests(JsonMap spec) => Of(spec, "requests");

    /// <summary>The limits, added up as the requests are.</summary>
    public static IReadOnlyDictionary<string, Quantity> Limits(JsonMap spec) => Of(spec, "limits");

    private static Dictionary<string, Quantity> Of(JsonMap spec, string kind)
    {
        var sums = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (JsonMap container in spec.List("containers")?.Maps() ?? [])
        {
            Add(sums, container, kind);
        }

        Dictionary<string, Quantity> sidecars = new(StringComparer.Ordinal), most = new(StringComparer.Ordinal);
        foreach (JsonMap container in spec.List("initContainers")?.Maps() ?? [])
        {
            if (container.String("restartPolicy") == "Always")
            {
                Add(sums, container, kind);
                Add(sidecars, container, kind);
                Raise(most, sidecars);
                continue;
            }

            var running = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
            Add(running, container, kind);
            Raise(most, running);
        }

        Raise(sums, most);
        return sums;
    }

    private static void Add(Dictionary<string, Quantity> sums, JsonMap container, string kind)
    {
        foreach (var (name, value) in container.Map("resources")?.Map(kind) ?? [])
        {
            if (Quantity.TryParse(value as string, out Quantity amount, out _))
            {
                sums[name] = sums.TryGetValue(name, out Quantity sum) ? sum with { Nanos = sum.Nanos + amount.Nanos } : amount;
            }
        }
    }

    private static void Raise(Dictionary<string, Quantity> sums, Dictionary<string, Quantity> others)
    {
        foreach (var (name, amount) in others)
        {
            if (!sums.TryGetValue(name, out Quantity sum) || amount.Nanos > sum.Nanos)
            {
                sums[name] = amount;
            }
        }
    }
}
