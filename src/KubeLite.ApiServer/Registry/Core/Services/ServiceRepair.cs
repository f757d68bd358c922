using System.Globalization;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// Makes the allocations of addresses and node ports agree with the Services once after the start: what Services have is
/// noted as taken; what nobody has – a server was killed between taking and using it – is given back when it still has no
/// owner three rounds later (Kubernetes v1.36, registry/core/service/portallocator/controller and ipallocator/controller).
/// Ends when nothing is suspect, so an idle server runs no timer for it.
/// </summary>
public sealed partial class ServiceRepair(
    ResourceRegistry registry, ServiceAllocator allocator, NodePortRange ports, TimeProvider time, ILogger<ServiceRepair> logger)
{
    private const int Rounds = 3;
    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan s_addressGrace = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = logger;
    private readonly Dictionary<int, int> _suspectPorts = [];
    private readonly Dictionary<string, int> _suspectAddresses = new(StringComparer.Ordinal);

    /// <summary>Works until nothing is suspect or it is cancelled; failures are logged and tried again at the next round.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            bool done = false;
            while (!done)
            {
                try
                {
                    done = await RoundAsync(cancellationToken);
                }
                catch (Exception e) when (e is StoreException or ApiException)
                {
                    LogFailed(e.Message);
                }

                if (!done)
                {
                    await Task.Delay(s_interval, time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>One round.</summary>
    /// <returns>True where nothing is suspect.</returns>
    /// <exception cref="StoreException">The store fails.</exception>
    /// <exception cref="ApiException">A write is refused.</exception>
    public async Task<bool> RoundAsync(CancellationToken cancellationToken)
    {
        // The allocations first: whatever they hold then and no Service holds afterwards was not in use.
        IReadOnlySet<int> takenPorts = await ports.ReadAsync(cancellationToken);
        CacheSnapshot addresses = await registry.Cache("networking.k8s.io", "ipaddresses").ReadConsistentAsync(cancellationToken);
        CacheSnapshot services = await registry.Cache("", "services").ReadConsistentAsync(cancellationToken);
        var usedPorts = new HashSet<int>();
        var usedAddresses = new HashSet<string>(StringComparer.Ordinal);
        foreach (CacheEntry entry in services.All)
        {
            JsonMap spec = ResourceRegistry.Parsed(entry).Map("spec") ?? new JsonMap();
            usedPorts.UnionWith(ServicePorts.Of(spec));
            foreach (string address in (spec.List("clusterIPs")?.Strings() ?? []).Where(a => a is not ("None" or "")))
            {
                usedAddresses.Add(address);
                if (addresses.Find("", address) is null)
                {
                    LogAddressMissing(address, entry.Namespace, entry.Name);
                    await allocator.TakeAddressAsync(address, entry.Namespace, entry.Name, dryRun: false, cancellationToken);
                }
            }
        }

        int[] unmarked =
            [.. usedPorts.Where(p => !takenPorts.Contains(p) && p >= allocator.Network.FirstPort && p <= allocator.Network.LastPort)];
        if (unmarked.Length > 0)
        {
            LogPortsMissing(unmarked.Length);
            await ports.MarkAsync(unmarked, cancellationToken);
        }

        int[] leakedPorts = Leaked(_suspectPorts, takenPorts.Where(p => !usedPorts.Contains(p)));
        if (leakedPorts.Length > 0)
        {
            LogLeaked("node ports", string.Join(", ", leakedPorts));
            await ports.ReleaseAsync(leakedPorts, cancellationToken);
        }

        string[] leakedAddresses = Leaked(_suspectAddresses, OfServices(addresses).Where(a => !usedAddresses.Contains(a)));
        foreach (string address in leakedAddresses)
        {
            LogLeaked("address", address);
            await allocator.ReleaseAddressAsync(address, cancellationToken);
        }

        return _suspectPorts.Count == 0 && _suspectAddresses.Count == 0;
    }

    private IEnumerable<string> OfServices(CacheSnapshot addresses)
    {
        var found = new List<string>();
        foreach (CacheEntry entry in addresses.All)
        {
            JsonMap address = ResourceRegistry.Parsed(entry), metadata = address.MapAt("metadata");
            bool ours = address.Map("spec")?.Map("parentRef")?.String("resource") == "services"
                && metadata.Map("labels")?.String("ipaddress.kubernetes.io/managed-by") == "ipallocator.k8s.io";
            bool old = DateTimeOffset.TryParse(
                metadata.String("creationTimestamp"), CultureInfo.InvariantCulture, out DateTimeOffset created)
                && time.GetUtcNow() - created > s_addressGrace;
            if (ours && old)
            {
                found.Add(entry.Name);
            }
        }

        return found;
    }

    private static T[] Leaked<T>(Dictionary<T, int> suspects, IEnumerable<T> unused)
        where T : notnull
    {
        Dictionary<T, int> now = unused.ToDictionary(u => u, u => suspects.GetValueOrDefault(u) + 1);
        T[] leaked = [.. now.Where(s => s.Value > Rounds).Select(s => s.Key)];
        suspects.Clear();
        foreach ((T item, int rounds) in now.Where(s => s.Value <= Rounds))
        {
            suspects[item] = rounds;
        }

        return leaked;
    }

    [LoggerMessage(70, LogLevel.Warning, "Comparing Services with their allocations failed: {Reason}; trying again")]
    private partial void LogFailed(string reason);

    [LoggerMessage(71, LogLevel.Warning, "The address {Address} of Service {Namespace}/{Name} was not allocated: it is now")]
    private partial void LogAddressMissing(string address, string @namespace, string name);

    [LoggerMessage(72, LogLevel.Warning, "{Count} node ports of Services were not allocated: they are now")]
    private partial void LogPortsMissing(int count);

    [LoggerMessage(73, LogLevel.Warning, "No Service has the {What} {Which}: given back")]
    private partial void LogLeaked(string what, string which);
}
