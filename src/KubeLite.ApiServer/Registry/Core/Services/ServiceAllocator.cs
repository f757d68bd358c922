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
    private const int LeastNamed = 16, MostNamed = 256;

    /// <summary>Writes the IPAddresses; set once the server's parts are put together.</summary>
    public SystemWriter? Writer { get; set; }

    /// <summary>The ranges.</summary>
    public ServiceNetwork Network => network;

    /// <summary>The detail of a port that another Service, or another port of the same, has.</summary>
    public const string PortTaken = "provided port is already allocated";

    /// <summary>Takes an address that nobody has. A dry run gets the range's own, which is nobody's.</summary>
    /// <exception cref="ApiException">500: the range is full.</exception>
    public async Task<string> TakeAddressAsync(string ns, string name, bool dryRun, CancellationToken cancellationToken)
    {
        if (dryRun)
        {
            return network.Range.BaseAddress.ToString();
        }

        foreach ((int from, int to) in Bands())
        {
            int start = Random.Shared.Next(to - from);
            for (int i = 0; i < to - from; i++)
            {
                IPAddress address = network.Address(from + ((start + i) % (to - from)));
                if (!IsTaken(address) && await TryTakeAsync(address, ns, name, cancellationToken))
                {
                    return address.ToString();
                }
            }
        }

        throw ApiException.Internal($"failed to allocate a serviceIP for Service {FieldError.GoQuote(name)}: range is full");
    }

    /// <summary>
    /// Places within the range, from the first to the one after the last, in the order in which they are given: the lower band is left
    /// to addresses that users name, while there are others (KEP-3070). Of the others, too, the lower ones stay free for longer:
    /// what people write down is low.
    /// </summary>
    private IEnumerable<(int From, int To)> Bands()
    {
        int end = network.Size + 1, named = network.Size <= LeastNamed ? 1 : Math.Clamp((network.Size + 2) / 16, LeastNamed, MostNamed);
        int middle = Math.Max(named, end / 2);
        return (((int From, int To)[])[(middle, end), (named, middle), (1, named)]).Where(b => b.From < b.To);
    }

    /// <summary>Takes a certain address; a dry run doesn't ask who has it.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public async Task<string?> TakeAddressAsync(string address, string ns, string name, bool dryRun, CancellationToken cancellationToken)
    {
        if (AddressFault(address, out IPAddress? parsed) is { } fault)
        {
            return fault;
        }

        return dryRun || await TryTakeAsync(parsed!, ns, name, cancellationToken)
            ? null
            : await HolderFaultAsync(parsed!, ns, name, cancellationToken);
    }

    /// <summary>What hinders the taking of a certain address now; null for nothing.</summary>
    public async Task<string?> ProbeAddressAsync(
        string address, string ns, string name, bool dryRun, CancellationToken cancellationToken) =>
        AddressFault(address, out IPAddress? parsed) ??
        (dryRun || !IsTaken(parsed!) ? null : await HolderFaultAsync(parsed!, ns, name, cancellationToken));

    /// <summary>Gives an address back.</summary>
    public Task ReleaseAddressAsync(string address, CancellationToken cancellationToken) =>
        Writer!.DeleteAsync(Networking, "ipaddresses", "", address, cancellationToken);

    /// <summary>Takes a port that no Service has.</summary>
    /// <param name="what">For what, for messages.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ApiException">500: all are taken.</exception>
    public async Task<int> TakePortAsync(string what, CancellationToken cancellationToken)
    {
        try
        {
            return await ports.TakeAnyAsync(cancellationToken) ?? throw ApiException.Internal($"failed to allocate {what}: range is full");
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    /// <summary>Takes a certain port.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public async Task<string?> TakePortAsync(long port, CancellationToken cancellationToken)
    {
        try
        {
            return RangeFault(port) ?? (await ports.TakeAsync((int)port, cancellationToken) ? null : PortTaken);
        }
        catch (StoreException e)
        {
            throw StoreErrors.Translate(e);
        }
    }

    /// <summary>What is wrong with a port that is none of those to be given out; null for one that is.</summary>
    public string? RangeFault(long port) => port < network.FirstPort || port > network.LastPort
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"provided port is not in the valid range. The range of valid ports is {network.FirstPort}-{network.LastPort}")
        : null;

    /// <summary>The ports that Services have now.</summary>
    public async Task<IReadOnlySet<int>> PortsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ports.ReadAsync(cancellationToken);
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

    private string? AddressFault(string address, out IPAddress? parsed)
    {
        if (!IPAddress.TryParse(address, out parsed) || !network.Range.Contains(parsed))
        {
            return $"failed to allocate IP {address}: the provided network does not match the current range";
        }

        return parsed.Equals(network.Range.BaseAddress) || parsed.Equals(network.Last)
            ? $"failed to allocate IP {address}: the provided IP ({parsed}) is not in the valid range. The range of valid IPs is {network.Range}"
            : null;
    }

    /// <summary>Null where it is the Service's own, of a create that came to no end.</summary>
    private async Task<string?> HolderFaultAsync(IPAddress address, string ns, string name, CancellationToken cancellationToken)
    {
        JsonMap? holder = await registry.FindAsync(Networking, "ipaddresses", "", address.ToString(), cancellationToken);
        JsonMap? parent = holder?.Map("spec")?.Map("parentRef");
        return parent is not null && parent.String("namespace") == ns && parent.String("name") == name
            && !await ExistsAsync(ns, name, cancellationToken)
            ? null
            : $"failed to allocate IP {address}: provided IP is already allocated";
    }

    private bool IsTaken(IPAddress address) =>
        registry.Cache(Networking, "ipaddresses") is { IsReady: true } cache && cache.Current.Find("", address.ToString()) is not null;

    private async Task<bool> ExistsAsync(string ns, string name, CancellationToken cancellationToken) =>
        await registry.FindAsync("", "services", ns, name, cancellationToken) is not null;

    private Task<bool> TryTakeAsync(IPAddress address, string ns, string name, CancellationToken cancellationToken)
    {
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
