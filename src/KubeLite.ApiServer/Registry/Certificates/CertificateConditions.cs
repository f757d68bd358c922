using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;

namespace KubeLite.ApiServer.Registry.Certificates;

/// <summary>Prepares the conditions of a certificate request (Kubernetes v1.36, <c>pkg/registry/certificates/certificates</c>).</summary>
internal static class CertificateConditions
{
    /// <summary>Gives conditions the times that they lack.</summary>
    /// <param name="status">The new status; null where there is none.</param>
    /// <param name="old">The stored one: a condition that holds as it did keeps the time since when.</param>
    /// <param name="now">What time it is.</param>
    public static void Stamp(JsonMap? status, JsonMap? old, DateTimeOffset now)
    {
        string time = ApiTime.Format(now);
        foreach (JsonMap condition in All(status))
        {
            if (condition["lastUpdateTime"] is null)
            {
                condition["lastUpdateTime"] = time;
            }

            if (condition["lastTransitionTime"] is null)
            {
                condition["lastTransitionTime"] = All(old)
                    .Where(c => c.String("type") == condition.String("type") && c.String("status") == condition.String("status"))
                    .Select(c => c.String("lastTransitionTime")).FirstOrDefault(t => t is not null) ?? time;
            }
        }
    }

    /// <summary>Puts what was approved or denied back to what it was, where as many conditions say so as before.</summary>
    public static void KeepDecisions(JsonMap? status, JsonMap? old)
    {
        foreach (string type in (string[])["Approved", "Denied"])
        {
            List<JsonMap> now = [.. Of(status, type)], before = [.. Of(old, type)];
            for (int i = 0; i < now.Count && now.Count == before.Count; i++)
            {
                now[i].Clear();
                foreach (var (name, value) in before[i])
                {
                    now[i][name] = value;
                }
            }
        }
    }

    /// <summary>The conditions of a status.</summary>
    public static IEnumerable<JsonMap> All(JsonMap? status) => status?.List("conditions")?.Maps() ?? [];

    /// <summary>Its conditions of one type.</summary>
    public static IEnumerable<JsonMap> Of(JsonMap? status, string type) => All(status).Where(c => c.String("type") == type);
}
