using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>A ConfigMap in kube-system that the API server makes, and mends when somebody changes or deletes it.</summary>
/// <param name="name">Its name.</param>
/// <param name="wanted">What its data should be, given what it is; an empty map where there is none.</param>
/// <param name="writer">Writes it.</param>
/// <param name="registry">Finds it.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets failures.</param>
public sealed partial class KeptConfigMap(
    string name, Func<JsonMap, JsonMap> wanted, SystemWriter writer, ResourceRegistry registry, TimeProvider time,
    ILogger<KeptConfigMap> logger)
{
    private const string Namespace = "kube-system";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    /// <summary>Makes it or mends it where it isn't as it should be.</summary>
    /// <exception cref="ApiException">The store fails.</exception>
    /// <exception cref="StoreException">The store fails.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        JsonMap? existing = await registry.FindNewestAsync("", "configmaps", Namespace, name, cancellationToken);
        JsonMap data = existing?.Map("data") ?? new JsonMap(), right = wanted(data);
        if (existing is null)
        {
            await writer.EnsureAsync("", "configmaps", new JsonMap
            {
                { "metadata", new JsonMap { { "name", name }, { "namespace", Namespace } } },
                { "data", right },
            }, cancellationToken);
        }
        else if (!JsonValue.DeepEquals(data, right))
        {
            await writer.UpdateAsync(
                "", "configmaps", Namespace, name, "", obj => obj["data"] = wanted(obj.Map("data") ?? new JsonMap()), cancellationToken);
        }
    }

    /// <summary>Looks after it until cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    await FollowAsync(cancellationToken);
                }
                catch (Exception e) when (e is StoreException or ApiException)
                {
                    LogFailed(name, e.Message);
                }

                await Task.Delay(s_pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        ResourceCache cache = registry.Cache("", "configmaps");
        CacheSnapshot snapshot = await cache.ReadConsistentAsync(cancellationToken);
        using Watcher watcher = await cache.WatchAsync(
            new WatchRequest { AfterRevision = snapshot.Revision, Namespace = Namespace, Name = name }, cancellationToken);
        do
        {
            while (watcher.TryRead(out _))
            {
                // Whatever happened, only how it stands now counts.
            }

            await EnsureAsync(cancellationToken);
        }
        while (await watcher.WaitToReadAsync(cancellationToken));
    }

    [LoggerMessage(85, LogLevel.Warning, "Keeping the ConfigMap {Name} failed: {Reason}; trying again")]
    private partial void LogFailed(string name, string reason);
}
