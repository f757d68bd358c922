using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler.Api;

/// <summary>
/// Patches the status of Pods in the background: of one Pod one patch at a time and of those that wait only the newest.
/// Thread-safe.
/// </summary>
internal sealed partial class PodStatusWriter(ApiClient client, ILogger<PodStatusWriter> logger, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Sends a patch, after the one of the same Pod that is under way.</summary>
    public void Send(V1Pod pod, JsonObject patch)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(pod.Metadata.Uid, out var entry))
            {
                entry.Next = patch;
                return;
            }

            entry = new Entry { Next = patch };
            _entries[pod.Metadata.Uid] = entry;
            entry.Work = Task.Run(() => WriteAsync(pod, entry), CancellationToken.None);
        }
    }

    /// <summary>Ends when nothing of the Pod is under way.</summary>
    public Task WrittenAsync(string uid)
    {
        lock (_lock)
        {
            return _entries.TryGetValue(uid, out var entry) ? entry.Work : Task.CompletedTask;
        }
    }

    /// <summary>Ends when nothing at all is under way.</summary>
    public Task FinishAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_entries.Values.Select(entry => entry.Work));
        }
    }

    private async Task WriteAsync(V1Pod pod, Entry entry)
    {
        while (true)
        {
            JsonObject patch;
            lock (_lock)
            {
                if (entry.Next is null || stopping.IsCancellationRequested)
                {
                    _entries.Remove(pod.Metadata.Uid);
                    return;
                }

                patch = entry.Next;
                entry.Next = null;
            }

            try
            {
                await client.PatchStatusAsync<V1Pod>(
                    pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.StrategicMerge, patch, stopping);
            }
            catch (Exception e) when (e is ApiStatusException { IsNotFound: true } or OperationCanceledException)
            {
                // A Pod that is gone needs no status.
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
            {
                // The next attempt to schedule the Pod writes it again.
                Failed(logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, e.Message);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Could not write the status of Pod {Namespace}/{Name}: {Error}")]
    private static partial void Failed(ILogger logger, string @namespace, string name, string error);

    private sealed class Entry
    {
        public JsonObject? Next { get; set; }

        public Task Work { get; set; } = Task.CompletedTask;
    }
}
