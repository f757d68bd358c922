using System.Net;
using System.Numerics;

namespace KubeLite.ControllerManager.NodeIpam;

/// <summary>A range cut into equal ones that are handed out in turn. Thread-safe.</summary>
internal sealed class CidrPool(IPNetwork network, int mask)
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _used = [];
    private readonly Dictionary<string, int> _byNode = new(StringComparer.Ordinal);
    private readonly int _count = 1 << (mask - network.PrefixLength);
    private int _next;

    /// <summary>A free range for a node, the same each time until released; null where none is left.</summary>
    internal string? Take(string node)
    {
        lock (_lock)
        {
            if (_byNode.TryGetValue(node, out var held))
            {
                return Format(held);
            }
            for (var i = 0; i < _count; i++)
            {
                var index = (_next + i) % _count;
                if (_used.Add(index))
                {
                    _next = index + 1;
                    _byNode[node] = index;
                    return Format(index);
                }
            }
            return null;
        }
    }

    internal void Occupy(string cidr)
    {
        if (Index(cidr) is { } index)
        {
            lock (_lock)
            {
                _used.Add(index);
            }
        }
    }

    internal void Release(string node, IEnumerable<string> cidrs)
    {
        lock (_lock)
        {
            if (_byNode.Remove(node, out var held))
            {
                _used.Remove(held);
            }
            foreach (var cidr in cidrs)
            {
                if (Index(cidr) is { } index)
                {
                    _used.Remove(index);
                }
            }
        }
    }

    private int Width => network.BaseAddress.GetAddressBytes().Length * 8;

    private string Format(int index)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var value = new BigInteger(bytes, isUnsigned: true, isBigEndian: true) + ((BigInteger)index << (Width - mask));
        var result = new byte[bytes.Length];
        var raw = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        raw.CopyTo(result, result.Length - raw.Length);
        return new IPAddress(result) + "/" + mask;
    }

    private int? Index(string cidr)
    {
        if (!IPNetwork.TryParse(cidr, out var range) || range.PrefixLength != mask || !network.Contains(range.BaseAddress))
        {
            return null;
        }
        var offset = new BigInteger(range.BaseAddress.GetAddressBytes(), isUnsigned: true, isBigEndian: true)
            - new BigInteger(network.BaseAddress.GetAddressBytes(), isUnsigned: true, isBigEndian: true);
        return (int)(offset >> (Width - mask));
    }
}
