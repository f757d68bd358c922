using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>Warnings of addresses and networks in a form that is only taken for the sake of older objects (apimachinery's <c>util/validation/ip.go</c>).</summary>
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
            yield return $"{path}: non-standard IP address {FieldError.GoQuote(text)} will be considered invalid in a future Kubernetes release: use {FieldError.GoQuote(shown.ToString())}";
        }
        else if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ToString() != text)
        {
            yield return $"{path}: IPv6 address {FieldError.GoQuote(text)} should be in RFC 5952 canonical format ({FieldError.GoQuote(address.ToString())})";
        }
    }

    /// <summary>The warnings of a network.</summary>
    public static IEnumerable<string> Network(string? text, FieldPath path)
    {
        if (text is null || !IpText.TryParseCidr(text.Trim(), out IPAddress address, out int prefix))
        {
            yield break;
        }

        byte[] bytes = address.GetAddressBytes();
        bool hostBits = false;
        for (int bit = prefix; bit < bytes.Length * 8; bit++)
        {
            hostBits |= (bytes[bit / 8] & (0x80 >> (bit % 8))) != 0;
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        string masked = $"{new IPAddress(bytes)}/{prefix.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        if (hostBits)
        {
            yield return $"{path}: CIDR value {FieldError.GoQuote(text)} is ambiguous in this context (should be {FieldError.GoQuote(masked)} or {FieldError.GoQuote($"{address}/{(bytes.Length == 4 ? 32 : 128)}")}?)";
        }
        else if (bytes.Length == 4 && masked != text)
        {
            yield return $"{path}: non-standard CIDR value {FieldError.GoQuote(text)} will be considered invalid in a future Kubernetes release: use {FieldError.GoQuote(masked)}";
        }
        else if (bytes.Length != 4 && masked != text)
        {
            yield return $"{path}: IPv6 CIDR value {FieldError.GoQuote(text)} should be in RFC 5952 canonical format ({FieldError.GoQuote(masked)})";
        }
    }
}
