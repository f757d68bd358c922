using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Validation;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>Validates what a load balancer reports of itself (Kubernetes v1.36, <c>ValidateLoadBalancerStatus</c>).</summary>
public static class LoadBalancerStatusValidation
{
    /// <summary>Adds every fault.</summary>
    /// <param name="status">The status' <c>loadBalancer</c>; null has none.</param>
    /// <param name="old">The same as it was: addresses that it had may stay.</param>
    /// <param name="balanced">True where the Service asks for a load balancer.</param>
    /// <param name="path">Its path.</param>
    /// <param name="errors">Gets the faults.</param>
    public static void Validate(JsonMap? status, JsonMap? old, bool balanced, FieldPath path, FieldErrors errors)
    {
        if (status?.List("ingress") is not { Count: > 0 } ingress)
        {
            return;
        }

        if (!balanced)
        {
            errors.Forbidden(path.Child("ingress"), "may only be used when `spec.type` is 'LoadBalancer'");
            return;
        }

        List<string> kept = [.. (old?.List("ingress")?.Maps() ?? []).Select(i => i.String("ip") ?? "")];
        int index = 0;
        foreach (JsonMap item in ingress.Maps())
        {
            FieldPath at = path.Child("ingress").Index(index++);
            string ip = item.String("ip") ?? "", host = item.String("hostname") ?? "";
            if (ip.Length > 0)
            {
                FieldRules.Address(ip, at.Child("ip"), errors, kept);
            }

            string? mode = item.String("ipMode");
            if (mode is null && ip.Length > 0)
            {
                errors.Required(at.Child("ipMode"), "must be specified when `ip` is set");
            }
            else if (mode is not null && ip.Length == 0)
            {
                errors.Forbidden(at.Child("ipMode"), "may not be specified when `ip` is not set");
            }
            else if (mode is not null)
            {
                FieldRules.OneOf(mode, at.Child("ipMode"), errors, "Proxy", "VIP");
            }

            if (host.Length == 0)
            {
                continue;
            }

            FieldRules.Subdomain(host, at.Child("hostname"), errors);
            if (IpText.IsAddress(host))
            {
                errors.Invalid(at.Child("hostname"), host, "must be a DNS name, not an IP address");
            }
        }
    }
}
