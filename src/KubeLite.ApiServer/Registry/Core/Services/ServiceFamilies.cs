using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// The address families of a Service on a cluster of one family (Kubernetes v1.36, <c>initIPFamilyFields</c> of
/// <c>pkg/registry/core/service/storage</c>): whatever is wrong here is all that the caller is told.
/// </summary>
public static class ServiceFamilies
{
    private const string Only = "IPv4";

    private static readonly FieldPath s_spec = FieldPath.Of("spec");

    /// <summary>Adds the faults of families, policy and addresses, and infers the families from addresses.</summary>
    public static void Validate(JsonMap spec, FieldErrors errors)
    {
        if (spec.String("type") == "ExternalName")
        {
            return;
        }

        new ServiceAddressValidation(errors).Validate(spec);
        if (errors.Count > 0)
        {
            return;
        }

        List<string> addresses = [.. spec.List("clusterIPs")?.Strings() ?? []], families = [.. spec.List("ipFamilies")?.Strings() ?? []];
        string? policy = spec.String("ipFamilyPolicy");
        foreach ((string name, int count) in ((string, int)[])[("clusterIPs", addresses.Count), ("ipFamilies", families.Count)])
        {
            if (policy == "SingleStack" && count == 2)
            {
                errors.Invalid(s_spec.Child("ipFamilyPolicy"), policy, $"must be RequireDualStack or PreferDualStack when multiple {name} are specified");
            }
        }

        for (int i = families.Count; i < addresses.Count && addresses[i] != "None"; i++)
        {
            if (IpText.TryParse(addresses[i], out IPAddress address) && address.AddressFamily != AddressFamily.InterNetwork)
            {
                errors.Invalid(s_spec.Child("clusterIPs").Index(i), spec["clusterIPs"], "IPv6 is not configured on this cluster");
            }
        }

        if (errors.Count > 0 || IsSelectorless(spec))
        {
            return;
        }

        if (policy == "RequireDualStack" || (policy is null && (addresses.Count == 2 || families.Count == 2)))
        {
            errors.Invalid(s_spec.Child("ipFamilyPolicy"), policy ?? "RequireDualStack", "this cluster is not configured for dual-stack services");
        }

        for (int i = 0; i < families.Count; i++)
        {
            if (families[i] != Only)
            {
                errors.Invalid(s_spec.Child("ipFamilies").Index(i), families[i], "not configured on this cluster");
            }
        }
    }

    /// <summary>Sets families and policy where the caller said nothing.</summary>
    public static void Complete(JsonMap spec)
    {
        if (!IsSelectorless(spec))
        {
            spec.SetDefault("ipFamilies", new JsonList { Only });
            spec.SetDefault("ipFamilyPolicy", "SingleStack");
            return;
        }

        // Whoever fills in its endpoints by hand may use either family.
        spec.SetDefault("ipFamilyPolicy", "RequireDualStack");
        JsonList families = spec.List("ipFamilies") ?? [];
        if (families.Count == 0)
        {
            families.Add(Only);
        }

        if (families.Count == 1 && spec.String("ipFamilyPolicy") != "SingleStack")
        {
            families.Add(families[0] is Only ? "IPv6" : Only);
        }

        spec["ipFamilies"] = families;
    }

    private static bool IsSelectorless(JsonMap spec) => spec.String("clusterIP") == "None" && spec.Map("selector") is not { Count: > 0 };
}
