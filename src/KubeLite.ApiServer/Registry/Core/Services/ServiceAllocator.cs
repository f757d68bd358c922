using System.Globalization;
using System.Net;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// Gives Services their addresses and ports. An address is taken by creating an IPAddress of that name (KEP-1880), a port in
/// the shared bitmap, so any number of API servers may do it at once.
/// </summary>
public sealed class ServiceAllocator(ServiceNetwork network, ResourceRegistry registry, NodePortRange ports)
{
    private const string Networking = "networking.k8s.io";
    private const int Attempts = 200;

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

    /// <summary>Takes a port that no Service has.</summary>
    /// <exception cref="ApiException">500: all are taken.</exception>
    public async Task<int> TakePortAsync(bool dryRun, CancellationToken cancellationToken)
    {
        try
        {
            int? port = dryRun ? await AnyFreePortAsync(cancellationToken) : await ports.TakeAnyAsync(cancellationToken);
            return port ?? throw ApiException.Internal("failed to allocate a nodePort: range is full");
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    /// <summary>Takes a certain port.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public async Task<string?> TakePortAsync(long port, bool dryRun, CancellationToken cancellationToken)
    {
        if (port < network.FirstPort || port > network.LastPort)
        {
            return string.Create(CultureInfo.InvariantCulture, $"provided port is not in the valid range. The range of valid ports is {network.FirstPort}-{network.LastPort}");
        }

        try
        {
            bool free = dryRun
                ? !(await ports.ReadAsync(cancellationToken)).Contains((int)port)
                : await ports.TakeAsync((int)port, cancellationToken);
            return free ? null : "provided port is already allocated";
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    /// <summary>Gives ports back.</summary>
    public async Task ReleasePortsAsync(IReadOnlyCollection<int> released, CancellationToken cancellationToken)
    {
        if (released.Count > 0)
        {
            try
            {
                await ports.ReleaseAsync(released, cancellationToken);
            }
            catch (StoreException)
            {
                // The Service's write is over all the same; the next repair finds what nobody has.
            }
        }
    }

    private async Task<int?> AnyFreePortAsync(CancellationToken cancellationToken)
    {
        IReadOnlySet<int> taken = await ports.ReadAsync(cancellationToken);
        return Enumerable.Range(network.FirstPort, network.LastPort - network.FirstPort + 1).Select(p => (int?)p).LastOrDefault(p => !taken.Contains(p!.Value));
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
