using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Core.Pods.Containers;

namespace KubeLite.ApiServer.Registry.Core.Pods;

/// <summary>
/// Fields of Pods whose features Kubernetes v1.36 has off: what is sent of them is dropped, unless the object has them
/// already (<c>dropDisabledFields</c> of <c>pkg/api/pod</c>).
/// </summary>
public static class PodDisabledFields
{
    private static readonly FieldPath s_path = FieldPath.Of("spec");

    /// <summary>Drops the fields of a Pod's spec.</summary>
    /// <param name="spec">The spec as sent.</param>
    /// <param name="old">The spec as it was; null for a new one.</param>
    public static void Drop(JsonMap? spec, JsonMap? old)
    {
        if (spec is null)
        {
            return;
        }

        foreach (string projection in (string[])["clusterTrustBundle", "podCertificate"])
        {
            if (Sources(old).All(s => s[projection] is null))
            {
                foreach (JsonMap source in Sources(spec))
                {
                    source.Remove(projection);
                }
            }
        }

        if (old?["schedulingGroup"] is null)
        {
            spec.Remove("schedulingGroup");
        }

        if (old is null || PodContainers.All(old, s_path).All(c => c.Container.Map("lifecycle")?["stopSignal"] is null))
        {
            StopSignals(spec);
        }
    }

    private static IEnumerable<JsonMap> Sources(JsonMap? spec) =>
        (spec?.List("volumes")?.Maps() ?? []).SelectMany(v => v.Map("projected")?.List("sources")?.Maps() ?? []);

    private static void StopSignals(JsonMap spec)
    {
        foreach ((JsonMap container, _) in PodContainers.All(spec, s_path))
        {
            if (container.Map("lifecycle") is { } lifecycle && lifecycle.Remove("stopSignal") && lifecycle.Count == 0)
            {
                container.Remove("lifecycle");
            }
        }
    }
}
