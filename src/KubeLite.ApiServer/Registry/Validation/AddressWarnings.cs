using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>
/// Warnings of addresses and networks in a form that is only taken for the sake of older objects (apimachinery's
/// <c>util/validation/ip.go</c>).
/// </summary>
public static class AddressWarnings
{
    /// <summary>The warnings of an address.</summary>
    public static IEnumerable<string> Address(string? text, FieldPath path)
    {
        if (text is null || !IpText.TryParse(text, out IPAddress address))
        {
            yield break;
        }

        IPAddress shown = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        bool zeros = address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != text;
        if (zeros || address.IsIPv4MappedToIPv6)
        {
            yield return
                $"{path}: non-standard IP address {FieldError.GoQuote(text)} is invalid: use {FieldError.GoQuote(shown.ToString())}";
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ToString() != text)
        {
            yield return
                $"{path}: IPv6 address {FieldError.GoQuote(text)} should be in RFC 5952 canonical format ({FieldError.GoQuote(address.ToString())})";
        }
    }

    /// <summary>The warnings of the addresses at which a load balancer is said to be.</summary>
    /// <param name="obj">An object with <c>status.loadBalancer</c>.</param>
    public static IEnumerable<string> LoadBalancer(JsonMap obj) =>
        (obj.Map("status")?.Map("loadBalancer")?.List("ingress")?.Maps() ?? [])
            .SelectMany((ingress, i) => Address(ingress.String("ip"), FieldPath.Of("status", "loadBalancer", "ingress").Index(i)));

    /// <summary>The warnings of a network.</summary>
    public static IEnumerable<string> Network(string? text, FieldPath path)
    {
        if (text is null || !IpText.TryParseCidr(text.Trim(), out IPAddress address, out int prefix))
        {
            yield break;
        }

        IPAddress masked = IpText.Masked(address, prefix);
        string shown = string.Create(CultureInfo.InvariantCulture, $"{masked}/{prefix}");
        bool hostBits = !masked.Equals(address), odd = IpText.HasLeadingZeros(text) || address.IsIPv4MappedToIPv6;
        if (hostBits)
        {
            string single = $"{address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";
            yield return
                $"{path}: CIDR value {FieldError.GoQuote(text)} is ambiguous in this context (should be {FieldError.GoQuote(shown)} or {FieldError.GoQuote(single)}?)";
        }

        if (odd)
        {
            yield return $"{path}: non-standard CIDR value {FieldError.GoQuote(text)} is invalid: use {FieldError.GoQuote(shown)}";
        }

        if (!hostBits && !odd && address.AddressFamily == AddressFamily.InterNetworkV6 && shown != text)
        {
            yield return
                $"{path}: IPv6 CIDR value {FieldError.GoQuote(text)} should be in RFC 5952 canonical format ({FieldError.GoQuote(shown)})";
        }
    }
}
