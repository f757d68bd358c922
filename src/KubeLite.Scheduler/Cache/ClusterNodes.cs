using KubeLite.Scheduler.Framework;

namespace KubeLite.Scheduler.Cache;

/// <summary>
/// The nodes as the scheduling loop sees them, in an order that alternates between zones. Belongs to the scheduling loop.
/// </summary>
internal sealed class ClusterNodes
{
    private readonly Dictionary<string, NodeInfo> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _imageNodes = new(StringComparer.Ordinal);
    private List<NodeInfo> _ordered = [];
    private bool _orderStale;

    /// <summary>Every node, zones taking turns.</summary>
    public IReadOnlyList<NodeInfo> All
    {
        get
        {
            if (_orderStale)
            {
                _ordered = Order();
                _orderStale = false;
            }

            return _ordered;
        }
    }

    /// <summary>Nodes with at least one Pod that has affinity or anti-affinity to Pods.</summary>
    public HashSet<NodeInfo> WithAffinity { get; } = [];

    /// <summary>Nodes with at least one Pod that has required anti-affinity.</summary>
    public HashSet<NodeInfo> WithRequiredAntiAffinity { get; } = [];

    /// <summary>The node of a name; null when it is unknown or gone.</summary>
    public NodeInfo? Find(string name) => _byName.TryGetValue(name, out var node) && node.Node is not null ? node : null;

    /// <summary>On how many nodes an image is.</summary>
    public int NodesWithImage(string image) => _imageNodes.GetValueOrDefault(image);

    /// <summary>The entry of a name, made when missing, whether or not the node itself is known.</summary>
    public NodeInfo Entry(string name)
    {
        if (!_byName.TryGetValue(name, out var node))
        {
            _byName[name] = node = new NodeInfo(null);
        }

        return node;
    }

    /// <summary>Takes a new state of a node.</summary>
    public void Set(k8s.Models.V1Node node)
    {
        var entry = Entry(node.Metadata.Name);
        CountImages(entry, -1);
        _orderStale |= entry.Node is null || Zone(entry.Node) != Zone(node);
        entry.SetNode(node);
        CountImages(entry, 1);
    }

    /// <summary>A node is gone; its entry stays while Pods are on it.</summary>
    public void Remove(string name)
    {
        if (!_byName.TryGetValue(name, out var entry))
        {
            return;
        }

        CountImages(entry, -1);
        entry.RemoveNode();
        _orderStale = true;
        DropIfEmpty(name, entry);
    }

    /// <summary>Adds a Pod to its node.</summary>
    public void AddPod(string node, PodInfo pod)
    {
        var entry = Entry(node);
        entry.AddPod(pod);
        Index(entry);
    }

    /// <summary>Removes a Pod from its node.</summary>
    public void RemovePod(string node, string uid)
    {
        if (_byName.TryGetValue(node, out var entry) && entry.RemovePod(uid))
        {
            Index(entry);
            DropIfEmpty(node, entry);
        }
    }

    /// <summary>Region and zone of a node, the unit that takes turns.</summary>
    public static string Zone(k8s.Models.V1Node node)
    {
        if (node.Metadata.Labels is not { } labels)
        {
            return "";
        }

        labels.TryGetValue("topology.kubernetes.io/region", out var region);
        labels.TryGetValue("topology.kubernetes.io/zone", out var zone);
        return region is null && zone is null ? "" : region + "\0" + zone;
    }

    private void Index(NodeInfo entry)
    {
        Keep(WithAffinity, entry, entry.PodsWithAffinity.Count > 0);
        Keep(WithRequiredAntiAffinity, entry, entry.PodsWithRequiredAntiAffinity.Count > 0);
    }

    private static void Keep(HashSet<NodeInfo> set, NodeInfo entry, bool belongs)
    {
        if (belongs)
        {
            set.Add(entry);
        }
        else
        {
            set.Remove(entry);
        }
    }

    private void DropIfEmpty(string name, NodeInfo entry)
    {
        if (entry.Node is null && entry.Pods.Count == 0)
        {
            _byName.Remove(name);
        }
    }

    private void CountImages(NodeInfo entry, int sign)
    {
        foreach (var image in entry.Images.Keys)
        {
            var count = _imageNodes.GetValueOrDefault(image) + sign;
            if (count > 0)
            {
                _imageNodes[image] = count;
            }
            else
            {
                _imageNodes.Remove(image);
            }
        }
    }

    private List<NodeInfo> Order()
    {
        var zones = new List<List<NodeInfo>>();
        var byZone = new Dictionary<string, List<NodeInfo>>(StringComparer.Ordinal);
        var total = 0;
        foreach (var entry in _byName.Values)
        {
            if (entry.Node is null)
            {
                continue;
            }

            var zone = Zone(entry.Node);
            if (!byZone.TryGetValue(zone, out var members))
            {
                byZone[zone] = members = [];
                zones.Add(members);
            }

            members.Add(entry);
            total++;
        }

        var result = new List<NodeInfo>(total);
        for (var turn = 0; result.Count < total; turn++)
        {
            foreach (var members in zones)
            {
                if (turn < members.Count)
                {
                    result.Add(members[turn]);
                }
            }
        }

        return result;
    }
}
