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
    private const string Only = "IPv4", Other = "IPv6";
    private const string Single = "SingleStack", Prefer = "PreferDualStack", Require = "RequireDualStack";

    private static readonly FieldPath s_spec = FieldPath.Of("spec");
    private static readonly FieldPath s_policy = s_spec.Child("ipFamilyPolicy");

    /// <summary>Sets families and policy where the caller said nothing, and adds the faults of families, policy and addresses.</summary>
    /// <param name="spec">The Service's spec.</param>
    /// <param name="old">The spec as it was; null for a new Service.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Initialize(JsonMap spec, JsonMap? old, FieldErrors errors)
    {
        if (spec.String("type") == "ExternalName" || (old is not null && StaysPreferred(spec, old)))
        {
            return;
        }

        bool selectorless = spec.String("clusterIP") == "None" && spec.Map("selector") is not { Count: > 0 };
        string policy = spec.String("ipFamilyPolicy") ?? old?.String("ipFamilyPolicy") ?? (selectorless ? Require : Single);
        spec["ipFamilyPolicy"] = policy;
        new ServiceAddressValidation(errors).Validate(spec, old);
        if (errors.Count > 0)
        {
            return;
        }

        if (old is not null)
        {
            Release(spec, old, policy, errors);
        }

        CheckCounts(spec, policy, errors);
        Infer(spec, errors);
        if (errors.Count > 0)
        {
            return;
        }

        // Whoever fills in its endpoints by hand may use either family.
        if (!selectorless)
        {
            CheckConfigured(spec, policy, errors);
        }

        if (errors.Count == 0)
        {
            Complete(spec, selectorless && policy != Single);
        }
    }

    /// <summary>True where a Service that takes two families where there are two asks for nothing new.</summary>
    private static bool StaysPreferred(JsonMap spec, JsonMap old) =>
        spec.String("type") == old.String("type") &&
        spec.String("ipFamilyPolicy") == Prefer && old.String("ipFamilyPolicy") is null or Prefer &&
        Texts(spec, "clusterIPs").SequenceEqual(Texts(old, "clusterIPs")) &&
        Texts(spec, "ipFamilies").SequenceEqual(Texts(old, "ipFamilies"));

    /// <summary>The second address and family go with the policy alone.</summary>
    private static void Release(JsonMap spec, JsonMap old, string policy, FieldErrors errors)
    {
        foreach ((string name, string what) in ((string, string)[])
            [("clusterIPs", "secondary cluster IP"), ("ipFamilies", "secondary IP family")])
        {
            List<string> now = Texts(spec, name), before = Texts(old, name);
            if (policy != Single)
            {
                if (now.Count > 0 && now.Count < before.Count)
                {
                    errors.Invalid(s_policy, policy, $"must be 'SingleStack' to release the {what}");
                }
            }
            else if (now.Count > 1 && now.SequenceEqual(before))
            {
                spec[name] = new JsonList { now[0] };
            }
        }
    }

    private static void CheckCounts(JsonMap spec, string policy, FieldErrors errors)
    {
        foreach ((string name, string what) in ((string, string)[])[("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")])
        {
            if (policy == Single && Texts(spec, name).Count == 2)
            {
                errors.Invalid(s_policy, policy, $"must be 'RequireDualStack' or 'PreferDualStack' when multiple {what} are specified");
            }
        }
    }

    /// <summary>Adds the families of addresses that name none.</summary>
    private static void Infer(JsonMap spec, FieldErrors errors)
    {
        List<string> addresses = Texts(spec, "clusterIPs"), families = Texts(spec, "ipFamilies");
        int sent = families.Count;
        for (int i = 0; i < addresses.Count && addresses[i] != "None"; i++)
        {
            if (i < families.Count)
            {
                continue;
            }

            if (IpText.TryParse(addresses[i], out var address) && address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                errors.Invalid(s_spec.Child("clusterIPs").Index(i), spec["clusterIPs"], $"{Other} is not configured on this cluster");
            }
            else
            {
                families.Add(Only);
            }
        }

        if (families.Count > sent)
        {
            spec["ipFamilies"] = new JsonList(families);
        }
    }

    private static void CheckConfigured(JsonMap spec, string policy, FieldErrors errors)
    {
        if (policy == Require)
        {
            errors.Invalid(s_policy, policy, "this cluster is not configured for dual-stack services");
        }

        List<string> families = Texts(spec, "ipFamilies");
        for (int i = 0; i < families.Count; i++)
        {
            if (families[i] != Only)
            {
                errors.Invalid(s_spec.Child("ipFamilies").Index(i), families[i], "not configured on this cluster");
            }
        }
    }

    private static void Complete(JsonMap spec, bool both)
    {
        List<string> families = Texts(spec, "ipFamilies");
        if (families.Count == 0)
        {
            families.Add(Only);
        }

        if (families.Count == 1 && both)
        {
            families.Add(families[0] == Only ? Other : Only);
        }

        spec["ipFamilies"] = new JsonList(families);
    }

    private static List<string> Texts(JsonMap spec, string name) => [.. spec.List(name)?.Strings() ?? []];
}
