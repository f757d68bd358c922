using System.Net;
using KubeLite.Hosting;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>The addresses and ports that Services get: <c>--service-cluster-ip-range</c> and <c>--service-node-port-range</c>.</summary>
public sealed class ServiceNetwork
{
    /// <summary>Reads both flags.</summary>
    /// <exception cref="StartupException">A range can't be read or holds no addresses.</exception>
    public ServiceNetwork(string range, string ports)
    {
        if (!IPNetwork.TryParse(range, out IPNetwork network) || network.PrefixLength > 30
            || network.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
        {
            throw new StartupException(
                $"--service-cluster-ip-range {range}: expected an IPv4 range of at least four addresses, such as 10.96.0.0/12");
        }

        Range = network;
        string[] ends = ports.Split('-');
        if (ends.Length != 2 || !int.TryParse(ends[0], out int first)
            || !int.TryParse(ends[1], out int last) || first < 1 || last > 65535 || first > last)
        {
            throw new StartupException($"--service-node-port-range {ports}: expected two ports, such as 30000-32767");
        }

        FirstPort = first;
        LastPort = last;
    }

    /// <summary>The addresses of services.</summary>
    public IPNetwork Range { get; }

    /// <summary>The first address: that of the kubernetes Service.</summary>
    public IPAddress First => Address(1);

    /// <summary>The last address of the range: its broadcast's, which nobody gets.</summary>
    public IPAddress Last => Address((int)((1L << (32 - Range.PrefixLength)) - 1));

    /// <summary>How many addresses can be given out: all but the network's and the broadcast's.</summary>
    public int Size => (int)Math.Min((1L << (32 - Range.PrefixLength)) - 2, 1 << 20);

    /// <summary>The first port of NodePort services.</summary>
    public int FirstPort { get; }

    /// <summary>The last port of NodePort services.</summary>
    public int LastPort { get; }

    /// <summary>The address at a place in the range, from 1.</summary>
    public IPAddress Address(int place)
    {
        byte[] bytes = Range.BaseAddress.GetAddressBytes();
        uint address = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes) + (uint)place;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new IPAddress(bytes);
    }
}
