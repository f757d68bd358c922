using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>What callers are warned of in Services (Kubernetes v1.36, <c>pkg/api/service/warnings.go</c>).</summary>
public static class ServiceWarnings
{
    /// <summary>The warnings of a Service.</summary>
    public static IEnumerable<string> Of(JsonMap service)
    {
        JsonMap spec = service.MapAt("spec");
        FieldPath path = FieldPath.Of("spec");
        var warnings = new List<string>();
        if (service.MapAt("metadata").Map("annotations")?.ContainsKey("service.kubernetes.io/topology-aware-hints") == true)
        {
            warnings.Add(
                "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead");
        }

        string type = spec.String("type") ?? "";
        bool headless = type == "ClusterIP" && spec.String("clusterIP") == "None", external = spec.List("externalIPs") is { Count: > 0 };
        if (spec.String("clusterIP") is { Length: > 0 } and not "None")
        {
            Each(spec, "clusterIPs", path, AddressWarnings.Address, warnings);
        }

        if (headless && (spec.String("loadBalancerIP") ?? "").Length > 0)
        {
            warnings.Add("spec.loadBalancerIP is ignored for headless services");
        }

        if (headless && external)
        {
            warnings.Add("spec.externalIPs is ignored for headless services");
        }

        if (headless && spec.String("sessionAffinity") != "None")
        {
            warnings.Add("spec.SessionAffinity is ignored for headless services");
        }

        Each(spec, "externalIPs", path, AddressWarnings.Address, warnings);
        if (external && !headless && type != "ExternalName")
        {
            warnings.Add("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
        }

        warnings.AddRange(AddressWarnings.Address(spec.String("loadBalancerIP"), path.Child("loadBalancerIP")));
        Each(spec, "loadBalancerSourceRanges", path, AddressWarnings.Network, warnings);
        if (type == "ExternalName" && external)
        {
            warnings.Add("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
        }

        if (type != "ExternalName" && (spec.String("externalName") ?? "").Length > 0)
        {
            warnings.Add("spec.externalName is ignored when spec.type is not \"ExternalName\"");
        }

        if (spec.String("trafficDistribution") == "PreferClose")
        {
            warnings.Add("spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"");
        }

        return warnings;
    }

    private static void Each(
        JsonMap spec, string name, FieldPath path, Func<string?, FieldPath, IEnumerable<string>> rule, List<string> warnings)
    {
        int index = 0;
        foreach (string value in spec.List(name)?.Strings() ?? [])
        {
            warnings.AddRange(rule(value, path.Child(name).Index(index++)));
        }
    }
}
