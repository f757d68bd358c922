using System.Net;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.WorkQueues;
using KubeLite.Hosting;

namespace KubeLite.ControllerManager.NodeIpam;

/// <summary>
/// The <c>node-ipam-controller</c>: gives each node a Pod address range of each of the cluster's ranges (range allocator).
/// </summary>
public sealed class NodeIpamController : KeyedController<string>
{
    private readonly SharedInformer<V1Node> _nodes;
    private readonly IEventRecorder _events;
    private readonly List<CidrPool> _pools;

    private NodeIpamController(ControllerContext context, List<CidrPool> pools) : base(context, "node-ipam-controller", 1)
    {
        _pools = pools;
        _events = NewRecorder("cidrAllocator");
        _nodes = Watch<V1Node>();
        _nodes.AddHandler(new ResourceEventHandler<V1Node>(n => Queue.Add(n.Metadata.Name), (_, n) =>
        {
            if (n.Value.Spec?.PodCIDRs is not { Count: > 0 })
            {
                Queue.Add(n.Metadata.Name);
            }
        }, node => Release(node.Value)));
    }

    /// <summary>Makes it, or answers null where no ranges are to be given out.</summary>
    /// <exception cref="StartupException">A range is malformed or too small for the mask.</exception>
    public static NodeIpamController? TryCreate(ControllerContext context)
    {
        var options = context.Options;
        if (!options.AllocateNodeCidrs)
        {
            return null;
        }
        if (options.ClusterCidrs.Count == 0)
        {
            throw new StartupException("--allocate-node-cidrs needs --cluster-cidr.");
        }
        var pools = new List<CidrPool>();
        foreach (var text in options.ClusterCidrs)
        {
            if (!IPNetwork.TryParse(text, out var network))
            {
                throw new StartupException($"--cluster-cidr is \"{text}\": write a range such as 10.244.0.0/16");
            }
            var mask = network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
                ? options.NodeCidrMaskSizeIPv6
                : options.NodeCidrMaskSizeIPv4;
            if (mask < network.PrefixLength || mask - network.PrefixLength > 16)
            {
                throw new StartupException(
                    $"--cluster-cidr {text} can't be cut into ranges of /{mask}: choose a mask of /{network.PrefixLength} to /{network.PrefixLength + 16}");
            }
            pools.Add(new CidrPool(network, mask));
        }
        return new NodeIpamController(context, pools);
    }

    /// <inheritdoc/>
    protected override void Synced()
    {
        foreach (var node in _nodes.Store.List())
        {
            foreach (var (cidr, pool) in (node.Spec?.PodCIDRs ?? []).Zip(_pools))
            {
                pool.Occupy(cidr);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_nodes.Store.Get("", key) is not { } node || node.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        if (node.Spec?.PodCIDRs is { Count: > 0 } held)
        {
            foreach (var (cidr, pool) in held.Zip(_pools))
            {
                pool.Occupy(cidr);
            }
            return ReconcileResult.Done;
        }
        var ranges = new List<string>();
        foreach (var pool in _pools)
        {
            if (pool.Take(key) is not { } range)
            {
                _events.Record(node, "Normal", "CIDRNotAvailable", $"Node {key} status is now: CIDRNotAvailable");
                throw new InvalidOperationException($"No Pod address range is left for node {key}.");
            }
            ranges.Add(range);
        }
        var patch = new V1Node { Spec = new V1NodeSpec { PodCIDR = ranges[0], PodCIDRs = ranges } };
        try
        {
            await Client.PatchAsync<V1Node>(null, key, PatchFormat.StrategicMerge, patch, WriteOptions.None, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            Release(node);
        }
        return ReconcileResult.Done;
    }

    private void Release(V1Node node)
    {
        foreach (var pool in _pools)
        {
            pool.Release(node.Metadata.Name, node.Spec?.PodCIDRs ?? []);
        }
    }
}
