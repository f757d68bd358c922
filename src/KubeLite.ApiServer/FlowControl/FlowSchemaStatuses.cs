using System.Threading.Channels;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Registry.Generic;
using KubeLite.Storage;
using KubeLite.Storage.Caching;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.FlowControl;

/// <summary>
/// Tells in the status of each FlowSchema whether the priority level exists that it names (condition Dangling), as Kubernetes'
/// consumer of priority and fairness does (util/flowcontrol/apf_controller, v1.36): by apply, under that controller's name.
/// </summary>
public sealed partial class FlowSchemaStatuses(
    ResourceRegistry registry, SystemWriter writer, TimeProvider time, ILogger<FlowSchemaStatuses> logger)
{
    private const string Group = "flowcontrol.apiserver.k8s.io";
    private const string Schemas = "flowschemas";
    private const string Levels = "prioritylevelconfigurations";
    private const string Manager = "api-priority-and-fairness-config-consumer-v1";

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // Says that something changed; what, is read from the caches.
    private readonly Channel<bool> _changed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ILogger _logger = logger;

    /// <summary>Works until it is told to stop; failures are logged and tried again.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        UntilStoppedAsync(token => FollowAsync(Schemas, token), stopping),
        UntilStoppedAsync(token => FollowAsync(Levels, token), stopping),
        UntilStoppedAsync(SyncAsync, stopping));

    private async Task UntilStoppedAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await work(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is ApiException or StoreException)
            {
                LogFailed(e.Message);
            }

            try
            {
                await Task.Delay(s_retry, time, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FollowAsync(string resource, CancellationToken stopping)
    {
        ResourceCache cache = registry.Cache(Group, resource);
        CacheSnapshot snapshot = await cache.ReadConsistentAsync(stopping);
        using Watcher watcher = await cache.WatchAsync(new WatchRequest { AfterRevision = snapshot.Revision }, stopping);
        _changed.Writer.TryWrite(true);
        while (await watcher.WaitToReadAsync(stopping))
        {
            while (watcher.TryRead(out _))
            {
            }

            _changed.Writer.TryWrite(true);
        }
    }

    private async Task SyncAsync(CancellationToken stopping)
    {
        await foreach (bool _ in _changed.Reader.ReadAllAsync(stopping))
        {
            CacheSnapshot levels = await registry.Cache(Group, Levels).ReadConsistentAsync(stopping);
            foreach (CacheEntry entry in (await registry.Cache(Group, Schemas).ReadConsistentAsync(stopping)).All)
            {
                await SyncAsync(ResourceRegistry.Parsed(entry), levels, stopping);
            }
        }
    }

    private async Task SyncAsync(JsonMap schema, CacheSnapshot levels, CancellationToken stopping)
    {
        string name = schema.Map("metadata")?.String("name") ?? "";
        string level = schema.Map("spec")?.Map("priorityLevelConfiguration")?.String("name") ?? "";
        bool found = levels.Find("", level) is not null;
        string status = found ? "False" : "True", reason = found ? "Found" : "NotFound";
        string message = $"This FlowSchema references the PriorityLevelConfiguration object named {FieldError.GoQuote(level)} " +
            (found ? "and it exists" : "but there is no such object");
        JsonMap? held = schema.Map("status")?.List("conditions")?.Maps().FirstOrDefault(c => c.String("type") == "Dangling");
        if (held is not null && held.String("status") == status && held.String("reason") == reason && held.String("message") == message)
        {
            return;
        }

        var condition = new JsonMap
        {
            { "type", "Dangling" },
            { "status", status },
            { "lastTransitionTime", ApiTime.Format(time.GetUtcNow()) },
            { "reason", reason },
            { "message", message },
        };
        await writer.ApplyAsync(
            Group, Schemas, "", name, "status", new JsonMap
            {
                { "status", new JsonMap { { "conditions", new JsonList { condition } } } },
            }, Manager, stopping);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the status of FlowSchemas could not be written: {Error}")]
    private partial void LogFailed(string error);
}
