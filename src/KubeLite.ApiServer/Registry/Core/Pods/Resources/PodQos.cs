using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Quantities;

namespace KubeLite.ApiServer.Registry.Core.Pods.Resources;

/// <summary>A Pod's class of service, by the requests and limits of its containers.</summary>
public static class PodQos
{
    private static readonly string[] s_counted = ["cpu", "memory"];

    /// <summary>Guaranteed, Burstable or BestEffort.</summary>
    public static string Of(JsonMap spec)
    {
        if (spec.Map("resources") is { } own)
        {
            return Class([own]);
        }

        return Class(
            [.. (spec.List("containers")?.Maps() ?? []).Concat(spec.List("initContainers")?.Maps() ?? []).Select(c => c.Map("resources"))]);
    }

    private static string Class(List<JsonMap?> all)
    {
        bool any = false, guaranteed = true;
        foreach (JsonMap? resources in all)
        {
            foreach (string name in s_counted)
            {
                Quantity request = Amount(resources?.Map("requests"), name), limit = Amount(resources?.Map("limits"), name);
                any |= request.Sign > 0 || limit.Sign > 0;
                guaranteed &= limit.Sign > 0 && (resources?.Map("requests")?[name] is null || request.Nanos == limit.Nanos);
            }
        }

        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static Quantity Amount(JsonMap? amounts, string name) =>
        Quantity.TryParse(amounts?.String(name), out Quantity amount, out _) ? amount : default;
}
