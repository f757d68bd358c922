using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Admission;

/// <summary>
/// What a Pod asks for as a whole: its containers together, or its largest init container where that is more (KEP-753 for sidecars).
/// </summary>
public static class PodResources
{
    /// <summary>The sums of requests or limits by resource.</summary>
    public static JsonMap Sum(JsonMap spec, string member)
    {
        var sum = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (JsonMap container in spec.List("containers")?.Maps() ?? [])
        {
            Add(sum, container, member);
        }

        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var largest = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (JsonMap container in spec.List("initContainers")?.Maps() ?? [])
        {
            if (container.String("restartPolicy") == "Always")
            {
                Add(sum, container, member);
                Add(sidecars, container, member);
                Largest(largest, sidecars);
                continue;
            }

            // An init container runs beside the sidecars that came before it.
            var alone = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
            Add(alone, container, member);
            Largest(largest, alone);
        }

        Largest(sum, largest);
        foreach (var (name, value) in spec.Map("overhead") ?? [])
        {
            if (sum.TryGetValue(name, out Quantity amount))
            {
                sum[name] = amount.Add(Quantity.Parse((string)value!));
            }
        }

        var result = new JsonMap();
        foreach ((string name, Quantity amount) in sum)
        {
            result.Append(name, amount.ToString());
        }

        return result;
    }

    private static void Add(Dictionary<string, Quantity> sum, JsonMap container, string member)
    {
        foreach (var (name, value) in container.Map("resources")?.Map(member) ?? [])
        {
            if (Quantity.TryParse(value as string, out Quantity amount, out _))
            {
                sum[name] = sum.TryGetValue(name, out Quantity before) ? before.Add(amount) : amount;
            }
        }
    }

    private static void Largest(Dictionary<string, Quantity> sum, Dictionary<string, Quantity> other)
    {
        foreach ((string name, Quantity amount) in other)
        {
            if (!sum.TryGetValue(name, out Quantity before) || before.CompareTo(amount) < 0)
            {
                sum[name] = amount;
            }
        }
    }
}
