using k8s.Models;

namespace KubeLite.Scheduler.Framework;

/// <summary>
/// A node with the Pods that run on it, are bound to it or are assumed to be. Owned by the scheduling loop; preemption works
/// on clones.
/// </summary>
internal sealed class NodeInfo
{
    private static readonly Dictionary<string, long> s_noImages = new(StringComparer.Ordinal);

    /// <summary>Makes a node without Pods.</summary>
    public NodeInfo(V1Node? node)
    {
        if (node is not null)
        {
            SetNode(node);
        }
    }

    private NodeInfo(NodeInfo other)
    {
        Node = other.Node;
        Allocatable = other.Allocatable;
        Images = other.Images;
        Taints = other.Taints;
        Requested = other.Requested.Clone();
        NonZeroMilliCpu = other.NonZeroMilliCpu;
        NonZeroMemory = other.NonZeroMemory;
        Pods.AddRange(other.Pods);
        PodsWithAffinity.AddRange(other.PodsWithAffinity);
        PodsWithRequiredAntiAffinity.AddRange(other.PodsWithRequiredAntiAffinity);
        UsedPorts.AddRange(other.UsedPorts);
    }

    /// <summary>The node; null while only its Pods are known.</summary>
    public V1Node? Node { get; private set; }

    /// <summary>The node's name.</summary>
    public string Name => Node?.Metadata.Name ?? "";

    /// <summary>The node's labels; may be null.</summary>
    public IDictionary<string, string>? Labels => Node?.Metadata.Labels;

    /// <summary>What the node offers to Pods.</summary>
    public ResourceVector Allocatable { get; private set; } = new();

    /// <summary>What its Pods request together.</summary>
    public ResourceVector Requested { get; } = new();

    /// <summary>Milli-CPU of its Pods as scored.</summary>
    public long NonZeroMilliCpu { get; private set; }

    /// <summary>Bytes of memory of its Pods as scored.</summary>
    public long NonZeroMemory { get; private set; }

    /// <summary>The images on the node with their size in bytes, by every name they have.</summary>
    public Dictionary<string, long> Images { get; private set; } = s_noImages;

    /// <summary>The taints.</summary>
    public V1Taint[] Taints { get; private set; } = [];

    /// <summary>Its Pods.</summary>
    public List<PodInfo> Pods { get; } = [];

    /// <summary>Those of its Pods that have affinity or anti-affinity to Pods.</summary>
    public List<PodInfo> PodsWithAffinity { get; } = [];

    /// <summary>Those of its Pods that have required anti-affinity.</summary>
    public List<PodInfo> PodsWithRequiredAntiAffinity { get; } = [];

    /// <summary>The node's ports that its Pods use.</summary>
    public List<HostPort> UsedPorts { get; } = [];

    /// <summary>The value of a label; null when the node does not carry it.</summary>
    public string? Label(string key) => Labels is { } labels && labels.TryGetValue(key, out var value) ? value : null;

    /// <summary>Takes a new state of the node.</summary>
    public void SetNode(V1Node node)
    {
        Node = node;
        Allocatable = ResourceVector.Parse(node.Status?.Allocatable);
        Taints = node.Spec?.Taints is { Count: > 0 } taints ? [.. taints] : [];
        Images = ParseImages(node);
    }

    /// <summary>The node is gone but some of its Pods are not.</summary>
    public void RemoveNode()
    {
        Node = null;
        Allocatable = new();
        Taints = [];
        Images = s_noImages;
    }

    /// <summary>Adds a Pod and what it needs.</summary>
    public void AddPod(PodInfo pod)
    {
        Pods.Add(pod);
        if (pod.HasPodAffinity)
        {
            PodsWithAffinity.Add(pod);
        }

        if (pod.RequiredAntiAffinity.Length > 0)
        {
            PodsWithRequiredAntiAffinity.Add(pod);
        }

        Requested.Add(pod.Requests, 1);
        NonZeroMilliCpu += pod.NonZeroMilliCpu;
        NonZeroMemory += pod.NonZeroMemory;
        UsedPorts.AddRange(pod.HostPorts);
    }

    /// <summary>Removes a Pod and what it needed; false when it is not here.</summary>
    public bool RemovePod(string uid)
    {
        var index = IndexOf(Pods, uid);
        if (index < 0)
        {
            return false;
        }

        var pod = Pods[index];
        RemoveAt(Pods, index);
        RemoveAt(PodsWithAffinity, IndexOf(PodsWithAffinity, uid));
        RemoveAt(PodsWithRequiredAntiAffinity, IndexOf(PodsWithRequiredAntiAffinity, uid));
        Requested.Add(pod.Requests, -1);
        NonZeroMilliCpu -= pod.NonZeroMilliCpu;
        NonZeroMemory -= pod.NonZeroMemory;
        foreach (var port in pod.HostPorts)
        {
            UsedPorts.Remove(port);
        }

        return true;
    }

    /// <summary>A copy on which Pods can be added and removed freely.</summary>
    public NodeInfo Clone() => new(this);

    private static int IndexOf(List<PodInfo> pods, string uid)
    {
        for (var i = 0; i < pods.Count; i++)
        {
            if (pods[i].Uid == uid)
            {
                return i;
            }
        }

        return -1;
    }

    private static void RemoveAt(List<PodInfo> pods, int index)
    {
        if (index < 0)
        {
            return;
        }

        pods[index] = pods[^1];
        pods.RemoveAt(pods.Count - 1);
    }

    private static Dictionary<string, long> ParseImages(V1Node node)
    {
        if (node.Status?.Images is not { Count: > 0 } images)
        {
            return s_noImages;
        }

        var result = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var image in images)
        {
            foreach (var name in image.Names ?? [])
            {
                result[name] = image.SizeBytes ?? 0;
            }
        }

        return result;
    }
}
