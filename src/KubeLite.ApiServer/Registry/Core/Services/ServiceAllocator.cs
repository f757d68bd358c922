using System.Globalization;
using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage.Caching;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// Gives Services their addresses and ports. An address is taken by creating an IPAddress of that name, so any number of
/// API servers may do it at once (KEP-1880); ports are taken against the Services in the cache and those under way here.
/// </summary>
public sealed class ServiceAllocator(ServiceNetwork network, ResourceRegistry registry)
{
    private const string Networking = "networking.k8s.io";
    private const int Attempts = 200;

    private readonly HashSet<int> _portsUnderWay = [];
    private readonly Lock _lock = new();

    /// <summary>Writes the IPAddresses; set once the server's parts are put together.</summary>
    public SystemWriter? Writer { get; set; }

    /// <summary>The ranges.</summary>
    public ServiceNetwork Network => network;

    /// <summary>Takes an address that nobody has.</summary>
    /// <exception cref="ApiException">500: the range is full.</exception>
    public async Task<string> TakeAddressAsync(string ns, string name, bool dryRun, CancellationToken cancellationToken)
    {
        for (int i = 0; i < Attempts + network.Size; i++)
        {
            // At random first; where that fails often the range is nearly full and is walked.
            int place = i < Attempts ? 2 + Random.Shared.Next(Math.Max(1, network.Size - 1)) : 1 + (i - Attempts);
            IPAddress address = network.Address(place);
            if (place <= network.Size && !IsTaken(address) && await TryTakeAsync(address, ns, name, dryRun, cancellationToken))
            {
                return address.ToString();
            }
        }

        throw ApiException.Internal("failed to allocate a serviceIP: range is full");
    }

    /// <summary>Takes a certain address.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public async Task<string?> TakeAddressAsync(string address, string ns, string name, bool dryRun, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(address, out IPAddress? parsed) || !network.Range.Contains(parsed))
        {
            return $"failed to allocate IP {address}: the provided network does not match the current range";
        }

        if (await TryTakeAsync(parsed, ns, name, dryRun, cancellationToken))
        {
            return null;
        }

        JsonMap? holder = await registry.FindAsync(Networking, "ipaddresses", "", address, cancellationToken);
        JsonMap? parent = holder?.Map("spec")?.Map("parentRef");
        return parent is not null && parent.String("namespace") == ns && parent.String("name") == name && !await ExistsAsync(ns, name, cancellationToken)
            ? null
            : $"failed to allocate IP {address}: provided IP is already allocated";
    }

    /// <summary>Gives an address back.</summary>
    public Task ReleaseAddressAsync(string address, CancellationToken cancellationToken) =>
        Writer!.DeleteAsync(Networking, "ipaddresses", "", address, cancellationToken);

    /// <summary>Takes a port that no Service has for the protocol.</summary>
    /// <exception cref="ApiException">500: all are taken.</exception>
    public int TakePort(string protocol)
    {
        lock (_lock)
        {
            HashSet<int> taken = TakenPorts(null, protocol);
            int size = network.LastPort - network.FirstPort + 1;
            int start = Random.Shared.Next(size);
            for (int i = 0; i < size; i++)
            {
                int port = network.FirstPort + ((start + i) % size);
                if (!taken.Contains(port) && _portsUnderWay.Add(port))
                {
                    return port;
                }
            }
        }

        throw ApiException.Internal("failed to allocate a nodePort: range is full");
    }

    /// <summary>Takes a certain port.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public string? TakePort(long port, string protocol, string? exceptUid)
    {
        if (port < network.FirstPort || port > network.LastPort)
        {
            return string.Create(CultureInfo.InvariantCulture, $"provided port is not in the valid range. The range of valid ports is {network.FirstPort}-{network.LastPort}");
        }

        lock (_lock)
        {
            return TakenPorts(exceptUid, protocol).Contains((int)port) || !_portsUnderWay.Add((int)port) ? "provided port is already allocated" : null;
        }
    }

    /// <summary>A write is over: its ports are in the cache, or free again.</summary>
    public void Settle(IEnumerable<int> ports)
    {
        lock (_lock)
        {
            _portsUnderWay.ExceptWith(ports);
        }
    }

    private HashSet<int> TakenPorts(string? exceptUid, string protocol)
    {
        var taken = new HashSet<int>();
        foreach (CacheEntry entry in registry.Cache("", "services").Current.All)
        {
            JsonMap service = ResourceRegistry.Parsed(entry);
            if (service.Map("metadata")?.String("uid") == exceptUid)
            {
                continue;
            }

            foreach (JsonMap port in service.Map("spec")?.List("ports")?.Maps() ?? [])
            {
                if (port.Integer("nodePort") is > 0 and var number && (port.String("protocol") ?? "TCP") == protocol)
                {
                    taken.Add((int)number);
                }
            }

            if (service.Map("spec")?.Integer("healthCheckNodePort") is > 0 and var health)
            {
                taken.Add((int)health);
            }
        }

        return taken;
    }

    private bool IsTaken(IPAddress address) => registry.Cache(Networking, "ipaddresses") is { IsReady: true } cache && cache.Current.Find("", address.ToString()) is not null;

    private async Task<bool> ExistsAsync(string ns, string name, CancellationToken cancellationToken) =>
        await registry.FindAsync("", "services", ns, name, cancellationToken) is not null;

    private Task<bool> TryTakeAsync(IPAddress address, string ns, string name, bool dryRun, CancellationToken cancellationToken)
    {
        if (dryRun)
        {
            return Task.FromResult(!IsTaken(address));
        }

        return Writer!.EnsureAsync(Networking, "ipaddresses", new JsonMap
        {
            {
                "metadata", new JsonMap
                {
                    { "name", address.ToString() },
                    {
                        "labels", new JsonMap
                        {
                            { "ipaddress.kubernetes.io/ip-family", "IPv4" },
                            { "ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io" },
                        }
                    },
                }
            },
            {
                "spec", new JsonMap
                {
                    { "parentRef", new JsonMap { { "group", "" }, { "resource", "services" }, { "namespace", ns }, { "name", name } } },
                }
            },
        }, cancellationToken);
    }
}
