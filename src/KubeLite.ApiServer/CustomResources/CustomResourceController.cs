using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.CustomResources.Definitions;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.CustomResources;

/// <summary>
/// Follows the CustomResourceDefinitions: accepts their names, serves their resources and stops serving them, and ends
/// those that are deleted once their objects are gone. One loop does all of it, in the order of the changes.
/// </summary>
public sealed partial class CustomResourceController(
    ResourceRegistry registry, SystemWriter writer, InstanceDeletion instances, TimeProvider time, ILogger<CustomResourceController> logger)
{
    /// <summary>The group of the definitions.</summary>
    public const string Group = "apiextensions.k8s.io";

    /// <summary>The plural name of the definitions.</summary>
    public const string Resource = "customresourcedefinitions";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Served> _served = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _ending = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all definitions that the store held are served.</summary>
    public Task Started => _started.Task;

    /// <summary>Works until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is ApiException or StoreException)
            {
                if (e is StoreException { Code: StoreErrorCode.Corrupt })
                {
                    // Waiting mends no damage: a start that waits for the definitions fails.
                    _started.TrySetException(e);
                }

                LogRetry(logger, e);
                try
                {
                    await Task.Delay(s_retry, time, stopping);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }
        }

        _started.TrySetCanceled(CancellationToken.None);
        await Task.WhenAll(_ending.Values);
    }

    private async Task FollowAsync(CancellationToken stopping)
    {
        ResourceCache cache = registry.Cache(Group, Resource);
        CacheSnapshot snapshot = await cache.ReadConsistentAsync(stopping);
        using Watcher watcher = await cache.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, stopping);
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (CacheEntry entry in snapshot.All)
        {
            present.Add(entry.Name);
            await SyncAsync(ResourceRegistry.Parsed(entry), stopping);
        }

        foreach (string gone in _served.Keys.Where(n => !present.Contains(n)).ToList())
        {
            StopServing(gone);
        }

        _started.TrySetResult();
        while (await watcher.WaitToReadAsync(stopping))
        {
            while (watcher.TryRead(out CacheEvent? change))
            {
                JsonMap crd = ResourceRegistry.Parsed(change.Entry);
                if (change.Type == CacheEventType.Deleted)
                {
                    StopServing(change.Entry.Name);
                }
                else
                {
                    await SyncAsync(crd, stopping);
                }

                await RetryOthersAsync(crd, stopping);
            }
        }
    }

    /// <summary>Names that are free now may be those that another definition waits for.</summary>
    private async Task RetryOthersAsync(JsonMap changed, CancellationToken stopping)
    {
        string? group = changed.MapAt("spec").String("group");
        foreach (CacheEntry entry in registry.Cache(Group, Resource).Current.All)
        {
            JsonMap other = ResourceRegistry.Parsed(entry);
            if (other.MapAt("spec").String("group") == group &&
                other.MapAt("metadata").String("name") != changed.MapAt("metadata").String("name") &&
                !Conditions.IsTrue(other, "NamesAccepted"))
            {
                await SyncAsync(other, stopping);
            }
        }
    }

    private async Task SyncAsync(JsonMap crd, CancellationToken stopping)
    {
        string name = crd.MapAt("metadata").String("name")!;
        IEnumerable<JsonMap> others =
            registry.Cache(Group, Resource).Current.All.ToEntries().Where(e => e.Name != name).Select(ResourceRegistry.Parsed);
        NameDecision decision = NameDecision.Of(crd, others);
        bool established = decision.Established || Conditions.IsTrue(crd, "Established");
        if (established)
        {
            // Served first: whoever reads that it is established finds it served.
            Serve(name, crd, decision.Names);
        }

        if (decision.Changes(crd) || ApiApproval.Changes(crd))
        {
            string now = ApiTime.Format(time.GetUtcNow());
            await writer.UpdateAsync(Group, Resource, "", name, "status", obj => Tell(obj, decision, now), stopping);
        }

        if (crd.MapAt("metadata").ContainsKey("deletionTimestamp"))
        {
            // One after the other: what is under way may have begun for an earlier definition of that name.
            Task before = _ending.GetValueOrDefault(name, Task.CompletedTask);
            foreach (string done in _ending.Where(e => e.Value.IsCompleted).Select(e => e.Key).ToList())
            {
                _ending.Remove(done);
            }

            _ending[name] = EndAsync(before, name, stopping);
        }
    }

    private static void Tell(JsonMap crd, NameDecision decision, string now)
    {
        ApiApproval.ApplyTo(crd, now);
        decision.ApplyTo(crd, now);
    }

    private void Serve(string name, JsonMap crd, JsonMap names)
    {
        string key =
            $"{crd.MapAt("metadata").String("uid")}/{JsonWriting.ToText(crd["spec"])}/{JsonWriting.ToText(names)}/" +
                $"{crd.MapAt("metadata").String("deletionTimestamp")}/{Conditions.IsTrue(crd, "Terminating")}";
        if (_served.TryGetValue(name, out Served? before) && before.Key == key)
        {
            return;
        }

        IReadOnlyList<ResourceDefinition> definitions = CustomResourceFactory.Make(crd, names);
        if (before is { Definitions.Count: > 0 } && definitions.Count > 0 &&
            !before.Definitions[0].Strategy.CachedFields.SequenceEqual(definitions[0].Strategy.CachedFields))
        {
            // The cache keeps what is selected by: it has to be read anew.
            registry.CloseCache(before.Definitions[0]);
        }

        registry.Add(definitions);
        registry.Remove(
            (before?.Definitions ?? []).Where(old => !definitions.Any(d => d.Name == old.Name && d.Facts.Version == old.Facts.Version)));
        _served[name] = new Served(key, definitions);
    }

    private void StopServing(string name)
    {
        if (_served.Remove(name, out Served? served) && served.Definitions.Count > 0)
        {
            registry.Remove(served.Definitions);
            registry.CloseCache(served.Definitions[0]);
        }
    }

    private async Task EndAsync(Task before, string name, CancellationToken stopping)
    {
        await before;
        try
        {
            while (true)
            {
                try
                {
                    await instances.RunAsync(name, stopping);
                    return;
                }
                catch (Exception e) when (e is ApiException or StoreException)
                {
                    LogRetry(logger, e);
                    await Task.Delay(s_retry, time, stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start goes on with it.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Following the CustomResourceDefinitions failed and is tried again")]
    private static partial void LogRetry(ILogger logger, Exception error);

    private sealed record Served(string Key, IReadOnlyList<ResourceDefinition> Definitions);
}
