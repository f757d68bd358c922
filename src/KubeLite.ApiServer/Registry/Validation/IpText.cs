using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Validation;

/// <summary>IP addresses and networks as text, read as Kubernetes reads older fields: leading zeros are decimal.</summary>
public static class IpText
{
    /// <summary>True for an address of either family.</summary>
    public static bool IsAddress(string text) => TryParse(text, out _);

    /// <summary>Reads an address.</summary>
    public static bool TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        if (text.Contains(':'))
        {
            if (text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out IPAddress? parsed)
                || parsed.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return false;
            }

            address = parsed;
            return true;
        }

        string[] parts = text.Split('.');
        var bytes = new byte[4];
        if (parts.Length != bytes.Length)
        {
            return false;
        }

        for (int i = 0; i < bytes.Length; i++)
        {
            if (parts[i].Length is 0 or > 3 || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
            {
                return false;
            }
        }

        address = new IPAddress(bytes);
        return true;
    }

    /// <summary>Reads a network; its address may have bits behind the prefix.</summary>
    public static bool TryParseCidr(string text, out IPAddress address, out int prefix)
    {
        address = IPAddress.None;
        prefix = 0;
        int slash = text.IndexOf('/');
        return slash > 0 && TryParse(text[..slash], out address) &&
            int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) &&
            prefix <= (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
    }

    /// <summary>What is wrong with an address that other programs must read alike.</summary>
    /// <param name="text">The text.</param>
    /// <param name="canonical">True where it must be written in its one canonical form.</param>
    public static IEnumerable<string> AddressFaults(string text, bool canonical)
    {
        if (!TryParse(text, out IPAddress address))
        {
            yield return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        }
        else if (HasLeadingZeros(text))
        {
            yield return "must not have leading 0s";
        }
        else if (address.IsIPv4MappedToIPv6)
        {
            yield return "must not be an IPv4-mapped IPv6 address";
        }
        else if (canonical && address.ToString() != text)
        {
            yield return $"must be in canonical form ({FieldError.GoQuote(address.ToString())})";
        }
    }

    /// <summary>What is wrong with a network that other programs must read alike.</summary>
    /// <param name="text">The text.</param>
    /// <param name="canonical">True where it must be written in its one canonical form.</param>
    public static IEnumerable<string> NetworkFaults(string text, bool canonical)
    {
        if (!TryParseCidr(text, out IPAddress address, out int prefix))
        {
            yield return "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
        }
        else if (HasLeadingZeros(text))
        {
            yield return "must not have leading 0s in IP or prefix length";
        }
        else if (address.IsIPv4MappedToIPv6)
        {
            yield return "must not have an IPv4-mapped IPv6 address";
        }
        else if (!address.Equals(Masked(address, prefix)))
        {
            yield return "must not have bits set beyond the prefix length";
        }
        else if (canonical && string.Create(CultureInfo.InvariantCulture, $"{address}/{prefix}") is var shown && shown != text)
        {
            yield return $"must be in canonical form ({FieldError.GoQuote(shown)})";
        }
    }

    /// <summary>What is wrong with the address of an interface and the prefix of its network.</summary>
    public static IEnumerable<string> InterfaceFaults(string text)
    {
        if (!TryParseCidr(text, out IPAddress address, out int prefix))
        {
            yield return "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)";
            yield break;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
            prefix -= prefix > 32 ? 96 : 0;
        }

        string shown = string.Create(CultureInfo.InvariantCulture, $"{address}/{prefix}");
        if (shown != text)
        {
            yield return $"must be in canonical form ({FieldError.GoQuote(shown)})";
        }
    }

    /// <summary>True where a part of an address of four numbers, or a prefix length, begins with a zero that says nothing.</summary>
    public static bool HasLeadingZeros(string text)
    {
        int slash = text.IndexOf('/');
        string address = slash < 0 ? text : text[..slash];
        return (!address.Contains(':') && address.Split('.').Any(Padded)) || (slash >= 0 && Padded(text[(slash + 1)..]));

        static bool Padded(string part) => part.Length > 1 && part[0] == '0';
    }

    /// <summary>An address without the bits behind a prefix.</summary>
    public static IPAddress Masked(IPAddress address, int prefix)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = prefix; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }

    /// <summary>True where a network holds an address.</summary>
    public static bool Contains(IPAddress network, int prefix, IPAddress address)
    {
        byte[] a = network.GetAddressBytes(), b = address.GetAddressBytes();
        if (a.Length != b.Length)
        {
            return false;
        }

        for (int bit = 0; bit < prefix; bit++)
        {
            int mask = 0x80 >> (bit % 8);
            if ((a[bit / 8] & mask) != (b[bit / 8] & mask))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An endpoint's address is none that means something else (<c>ValidateEndpointIP</c>).</summary>
    public static void Endpoint(string text, FieldPath path, FieldErrors errors)
    {
        if (!TryParse(text, out IPAddress address))
        {
            errors.Invalid(path, text, "must be a valid IP address");
            return;
        }

        byte[] bytes = address.GetAddressBytes();
        bool v4 = bytes.Length == 4;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            errors.Invalid(path, text, $"may not be unspecified ({text})");
        }

        if (IPAddress.IsLoopback(address))
        {
            errors.Invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
        }

        if (v4 ? bytes[0] == 169 && bytes[1] == 254 : address.IsIPv6LinkLocal)
        {
            errors.Invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }

        if (v4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xff && (bytes[1] & 0x0f) == 2)
        {
            errors.Invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
        }
    }
}
