using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// Validates a Service's addresses and their families, and how they may change (Kubernetes v1.36,
/// <c>ValidateServiceClusterIPsRelatedFields</c>).
/// </summary>
public sealed class ServiceAddressValidation(FieldErrors errors)
{
    private const string NoChange = "may not change once set";

    private static readonly FieldPath s_addresses = FieldPath.Of("spec", "clusterIPs");
    private static readonly FieldPath s_families = FieldPath.Of("spec", "ipFamilies");
    private static readonly FieldPath s_policy = FieldPath.Of("spec", "ipFamilyPolicy");

    /// <summary>Adds every fault; an ExternalName has none of these fields.</summary>
    /// <param name="spec">The Service's spec.</param>
    /// <param name="old">The spec as it was, whose addresses may stay; null for a new one.</param>
    public void Validate(JsonMap spec, JsonMap? old = null)
    {
        if (spec.String("type") == "ExternalName")
        {
            return;
        }

        List<string> addresses = Texts(spec, "clusterIPs"), families = Texts(spec, "ipFamilies");
        string first = spec.String("clusterIP") ?? "";
        if (first.Length > 0 && addresses.Count == 0)
        {
            errors.Required(s_addresses);
        }
        else if (first.Length > 0 && addresses[0] != first)
        {
            errors.Invalid(s_addresses, spec["clusterIPs"], "first value must match `clusterIP`");
        }
        else if (first.Length == 0 && addresses.Count > 0)
        {
            errors.Invalid(s_addresses, spec["clusterIPs"], "must be empty when `clusterIP` is not specified");
        }

        for (int i = 0; i < families.Count; i++)
        {
            FieldRules.OneOf(families[i], s_families.Index(i), errors, "IPv4", "IPv6");
            if (families.IndexOf(families[i]) < i)
            {
                errors.Duplicate(s_families.Index(i), families[i]);
            }
        }

        if (spec.String("ipFamilyPolicy") is { } policy)
        {
            FieldRules.OneOf(policy, s_policy, errors, "PreferDualStack", "RequireDualStack", "SingleStack");
        }

        if (Addresses(addresses, spec["clusterIPs"], [.. old?.List("clusterIPs")?.Strings() ?? []]) && !ServiceValidation.IsHeadless(spec))
        {
            Families(addresses, families);
        }
    }

    /// <summary>Adds the faults of a change: a second address or family may come and go, the first stays.</summary>
    public void Update(JsonMap spec, JsonMap old)
    {
        if (spec.String("type") == "ExternalName" || old.String("type") == "ExternalName")
        {
            return;
        }

        bool headless = ServiceValidation.IsHeadless(spec), wasHeadless = ServiceValidation.IsHeadless(old);
        if (!headless || !wasHeadless)
        {
            Change(spec, old, "clusterIPs", s_addresses, "primary clusterIP can not be unset", "clusterIP");
        }

        if (headless == wasHeadless && !headless)
        {
            Change(spec, old, "ipFamilies", s_families, "primary ipFamily can not be unset", "ipFamily");
        }
    }

    private static List<string> Texts(JsonMap spec, string name) => [.. spec.List(name)?.Strings() ?? []];

    private void Change(JsonMap spec, JsonMap old, string name, FieldPath path, string unset, string one)
    {
        List<string> now = Texts(spec, name), before = Texts(old, name);
        object shown = spec[name] ?? new JsonList();
        if (before.Count == now.Count)
        {
            for (int i = 0; i < before.Count; i++)
            {
                if (before[i] != now[i])
                {
                    errors.Invalid(path.Index(name == "clusterIPs" ? i : 0), shown, NoChange);
                }
            }

            return;
        }

        bool fewer = before.Count > now.Count;
        if (fewer && Texts(spec, "clusterIPs").Count == 0)
        {
            errors.Invalid(path.Index(0), shown, unset);
        }

        if (before.Count > 0 && now.Count > 0 && before[0] != now[0])
        {
            errors.Invalid(path.Index(0), spec["clusterIPs"], NoChange);
        }

        if (fewer && now.Count == 1 && spec.String("ipFamilyPolicy") != "SingleStack")
        {
            errors.Invalid(s_policy, spec.String("ipFamilyPolicy"), $"must be set to 'SingleStack' when releasing the secondary {one}");
        }
    }

    /// <summary>False where no more can be said of the addresses.</summary>
    private bool Addresses(List<string> addresses, object? shown, IReadOnlyCollection<string> kept)
    {
        bool valid = true;
        for (int i = 0; i < addresses.Count; i++)
        {
            if (i == 0 && addresses[0] == "None")
            {
                if (addresses.Count > 1)
                {
                    valid = false;
                    errors.Invalid(s_addresses, shown, "'None' must be the first and only value");
                }

                continue;
            }

            int before = errors.Count;
            FieldRules.Address(addresses[i], s_addresses.Index(i), errors, kept);
            valid &= errors.Count == before;
        }

        if (addresses.Count > 2)
        {
            errors.Invalid(s_addresses, shown, "may only hold up to 2 values");
        }

        if (valid && addresses.Count > 1 && addresses.All(IsV6) | !addresses.Any(IsV6))
        {
            errors.Invalid(s_addresses, shown, "may specify no more than one IP for each IP family");
        }

        return valid;
    }

    private void Families(List<string> addresses, List<string> families)
    {
        for (int i = 0; i < addresses.Count && i < families.Count; i++)
        {
            if (families[i] is "IPv4" or "IPv6" && IsV6(addresses[i]) != (families[i] == "IPv6"))
            {
                errors.Invalid(s_addresses.Index(i), addresses[i], $"expected an {families[i]} value as indicated by `ipFamilies[{i}]`");
            }
        }
    }

    private static bool IsV6(string address) =>
        IpText.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6;
}
