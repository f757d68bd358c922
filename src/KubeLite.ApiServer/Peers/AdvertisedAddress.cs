using System.Net;
using System.Net.Sockets;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Peers;

/// <summary>The address at which the members of the cluster reach this server.</summary>
public static class AdvertisedAddress
{
    /// <summary>What <c>--advertise-address</c> says; else <c>--bind-address</c>; else that of the way out of this machine.</summary>
    /// <exception cref="StartupException">The flag is no IP address.</exception>
    public static IPAddress Of(ApiServerOptions options)
    {
        string told = options.AdvertiseAddress.Length > 0 ? options.AdvertiseAddress : options.BindAddress;
        if (!IPAddress.TryParse(told, out IPAddress? address))
        {
            throw new StartupException($"--advertise-address {told} is no IP address");
        }

        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
        {
            return address;
        }

        // As Kubernetes chooses it; nothing is sent.
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect("192.0.2.1", 9);
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException)
        {
            return IPAddress.Loopback;
        }
    }
}
