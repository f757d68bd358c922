using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.CustomResources;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Bootstrap;

/// <summary>
/// Keeps an APIService for every version of the API that this server serves: for the built-in ones once a start, for those of
/// CustomResourceDefinitions all the time (Kubernetes v1.36: kube-aggregator's <c>autoregister</c> and <c>crdregistration</c>).
/// What carries no label of these is somebody else's and stays as it is.
/// </summary>
/// <param name="registry">What is served.</param>
/// <param name="writer">Writes the APIServices.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets failures.</param>
public sealed partial class ApiServiceRegistration(
    ResourceRegistry registry, SystemWriter writer, TimeProvider time, ILogger<ApiServiceRegistration> logger)
{
    private const string Group = "apiregistration.k8s.io";
    private const string Resource = "apiservices";
    private const string Label = "kube-aggregator.kubernetes.io/automanaged";
    private const string OnStart = "onstart";
    private const string Always = "true";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = logger;

    /// <summary>The specs of the built-in versions by the names of their APIServices.</summary>
    private readonly Dictionary<string, JsonMap> _builtIn = new(StringComparer.Ordinal);

    /// <summary>The specs of the versions that definitions serve, by the definitions' names.</summary>
    private readonly Dictionary<string, Dictionary<string, JsonMap>> _custom = new(StringComparer.Ordinal);

    private bool _started;

    /// <summary>Works until cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach ((string group, string version) in registry.All.Where(d => !d.Custom).Select(d => (d.Group, d.Facts.Version)).Distinct())
        {
            if (ApiServicePriorities.BuiltIn(group, version) is { } spec)
            {
                _builtIn[NameOf(group, version)] = spec;
            }
        }

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
                    LogFailed(e.Message);
                }

                await Task.Delay(s_pause, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    private static string NameOf(string group, string version) => $"{version}.{group}";

    private static string? ManagedBy(JsonMap? service) => service?.MapAt("metadata").Map("labels")?.String(Label);

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        ResourceCache cache = registry.Cache(CustomResourceController.Group, CustomResourceController.Resource);
        CacheSnapshot snapshot = await cache.ReadConsistentAsync(cancellationToken);
        using Watcher definitions = await cache.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, cancellationToken);
        _custom.Clear();
        foreach (CacheEntry entry in snapshot.All)
        {
            _custom[entry.Name] = Served(ResourceRegistry.Parsed(entry));
        }

        ResourceCache services = registry.Cache(Group, Resource);
        snapshot = await services.ReadConsistentAsync(cancellationToken);
        using Watcher changes = await services.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, cancellationToken);
        await SyncAllAsync(snapshot, cancellationToken);

        // One loop over both: what is wanted and what is there are never looked at by two at once.
        Task<bool> defined = definitions.WaitToReadAsync(cancellationToken).AsTask();
        Task<bool> changed = changes.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            await Task.WhenAny(defined, changed);
            if (defined.IsCompleted)
            {
                if (!await defined)
                {
                    return;
                }

                await TakeDefinitionsAsync(definitions, cancellationToken);
                defined = definitions.WaitToReadAsync(cancellationToken).AsTask();
            }

            if (changed.IsCompleted)
            {
                if (!await changed)
                {
                    return;
                }

                while (changes.TryRead(out CacheEvent? change))
                {
                    await SyncAsync(change.Entry.Name, cancellationToken);
                }

                changed = changes.WaitToReadAsync(cancellationToken).AsTask();
            }
        }
    }

    private async Task SyncAllAsync(CacheSnapshot snapshot, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(_builtIn.Keys.Concat(_custom.Values.SelectMany(v => v.Keys)), StringComparer.Ordinal);
        foreach (CacheEntry entry in snapshot.All)
        {
            names.Add(entry.Name);
        }

        foreach (string name in names)
        {
            JsonMap? there = snapshot.Find("", name) is { } entry ? ResourceRegistry.Parsed(entry) : null;
            await SyncAsync(name, there, cancellationToken);
        }

        _started = true;
    }

    private async Task TakeDefinitionsAsync(Watcher definitions, CancellationToken cancellationToken)
    {
        while (definitions.TryRead(out CacheEvent? change))
        {
            string definition = change.Entry.Name;
            Dictionary<string, JsonMap> before = _custom.GetValueOrDefault(definition) ?? [];
            Dictionary<string, JsonMap> now = change.Type == CacheEventType.Deleted ? [] : Served(ResourceRegistry.Parsed(change.Entry));
            _custom.Remove(definition);
            if (now.Count > 0)
            {
                _custom[definition] = now;
            }

            foreach (string name in before.Keys.Except(now.Keys).Concat(now.Keys.Except(before.Keys)).ToList())
            {
                await SyncAsync(name, cancellationToken);
            }
        }
    }

    private static Dictionary<string, JsonMap> Served(JsonMap definition)
    {
        JsonMap spec = definition.MapAt("spec");
        string group = spec.String("group") ?? "";
        var served = new Dictionary<string, JsonMap>(StringComparer.Ordinal);
        foreach (JsonMap version in (spec.List("versions")?.Maps() ?? []).Where(v => v.Flag("served")))
        {
            string name = version.String("name") ?? "";
            served[NameOf(group, name)] = ApiServicePriorities.Custom(group, name);
        }

        return served;
    }

    private async Task SyncAsync(string name, CancellationToken cancellationToken) =>
        await SyncAsync(name, await registry.FindAsync(Group, Resource, "", name, cancellationToken), cancellationToken);

    private async Task SyncAsync(string name, JsonMap? there, CancellationToken cancellationToken)
    {
        bool builtIn = _builtIn.TryGetValue(name, out JsonMap? wanted);
        wanted ??= _custom.Values.Select(v => v.GetValueOrDefault(name)).FirstOrDefault(s => s is not null);
        string? manager = ManagedBy(there);
        if (_started && (builtIn || manager == OnStart))
        {
            // What is looked after once a start may be changed and deleted until the next.
            return;
        }

        if (there is null)
        {
            if (wanted is not null)
            {
                await writer.EnsureAsync(Group, Resource, new JsonMap
                {
                    { "metadata", new JsonMap { { "name", name }, { "labels", new JsonMap { { Label, builtIn ? OnStart : Always } } } } },
                    { "spec", wanted.DeepCopy() },
                }, cancellationToken);
            }
        }
        else if (manager is not (OnStart or Always))
        {
            // It is somebody else's.
        }
        else if (wanted is null)
        {
            await writer.DeleteAsync(Group, Resource, "", name, cancellationToken);
        }
        else if (!JsonValue.DeepEquals(there["spec"], wanted))
        {
            await writer.UpdateAsync(Group, Resource, "", name, "", obj => obj["spec"] = wanted.DeepCopy(), cancellationToken);
        }
    }

    [LoggerMessage(86, LogLevel.Warning, "Keeping the APIServices failed: {Reason}; trying again")]
    private partial void LogFailed(string reason);
}
