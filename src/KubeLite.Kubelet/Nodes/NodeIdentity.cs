using System.Globalization;

namespace KubeLite.Kubelet.Nodes;

/// <summary>Which of the nodes of this process one is.</summary>
/// <param name="Name">The name of the Node.</param>
/// <param name="Index">Its number, from 0; the addresses of its Pods derive from it.</param>
public sealed record NodeIdentity(string Name, int Index)
{
    /// <summary>The address of the node itself.</summary>
    public const string HostAddress = "127.0.0.1";

    // 10.244.0.0/16 up to 10.255.0.0/16 hold the first 3,072 nodes; more go to the shared address space of RFC 6598.
    private const int NodesInFirstRange = 12 * 256;

    private readonly uint _base = Index < NodesInFirstRange
        ? 0x0AF40000u + ((uint)Index << 8)
        : 0x64400000u + ((uint)(Index - NodesInFirstRange) << 8);

    /// <summary>The range of the addresses of its Pods, a /24.</summary>
    public string PodRange => Format(_base) + "/24";

    /// <summary>An address of the range; 2 to 254 are for Pods.</summary>
    public string PodAddress(int number) => Format(_base + (uint)number);

    private static string Format(uint address) => string.Create(CultureInfo.InvariantCulture,
        $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
