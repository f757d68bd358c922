using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>
/// Fills the caches of what the store holds before the server is ready, so that the first requests after a restart needn't wait
/// for them. Kubernetes v1.36: the post-start hook "storage-readiness" (WatchCacheInitializationPostStartHook, on by default).
/// </summary>
/// <remarks>Kubernetes fills a cache for every built-in resource. Here a resource of which nothing is stored is left to its first
/// request, which costs nothing then, and custom resources are filled too.</remarks>
/// <param name="registry">What is served.</param>
/// <param name="store">Where it is stored.</param>
/// <param name="timeout">How long to wait; after it the server is ready all the same.</param>
/// <param name="time">The clock of the timeout.</param>
/// <param name="logger">Where it is said that time was up.</param>
public sealed partial class StorageReadinessHook(
    ResourceRegistry registry, IKeyValueStore store, TimeSpan timeout, TimeProvider time, ILogger<StorageReadinessHook> logger)
{
    private const string Root = "/registry/";

    /// <summary>Returns when the caches are filled, when one can't be because a value is damaged (each request for it says so),
    /// when time is up, or when cancelled. A store that fails counts as one that holds nothing.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
        try
        {
            // A new store is asked once, not for each resource.
            if (!await IsStoredAsync(Root, either.Token))
            {
                return;
            }

            ResourceDefinition[] definitions = [.. registry.All.DistinctBy(d => d.KeyPrefix)];
            bool[] stored = await Task.WhenAll(definitions.Select(d => IsStoredAsync(d.KeyPrefix, either.Token)));
            ResourceCache[] filling = [.. definitions.Where((_, i) => stored[i]).Select(registry.Cache)];

            // They fill at once; it doesn't matter who is waited for first.
            foreach (ResourceCache cache in filling)
            {
                await FilledAsync(cache, either.Token);
            }
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            if (!stopping.IsCancellationRequested)
            {
                LogLate(timeout.TotalSeconds);
            }
        }
    }

    private async Task<bool> IsStoredAsync(string prefix, CancellationToken cancellationToken)
    {
        try
        {
            return (await store.RangeAsync(new RangeQuery { Prefix = prefix, CountOnly = true }, cancellationToken)).Count > 0;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private static async Task FilledAsync(ResourceCache cache, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await cache.ReadAsync(0, cancellationToken);
                return;
            }
            catch (StoreException e) when (e.Code == StoreErrorCode.Unavailable && !cache.IsClosed)
            {
                // Its patience is shorter than this hook's.
            }
            catch (StoreException)
            {
                return;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The caches were not filled within {Seconds} s; serving all the same")]
    private partial void LogLate(double seconds);
}
