using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet.Pods;

/// <summary>Records events in the name of each node. A node's recorder is made with its first event. Thread-safe.</summary>
internal sealed class KubeletEvents(ApiClient client, bool enabled, TimeProvider time, ILogger<KubeletEvents> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<EventRecorder>> _recorders = new(StringComparer.Ordinal);

    /// <summary>Records an event about a container of a Pod, or about the Pod itself.</summary>
    public void Record(NodeIdentity node, V1Pod pod, ContainerRecord? container, string type, string reason, string message)
    {
        if (!enabled)
        {
            return;
        }

        Recorder(node.Name).Record(
            new V1ObjectReference
            {
                ApiVersion = "v1",
                Kind = "Pod",
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Name = pod.Metadata.Name,
                Uid = pod.Metadata.Uid,
                ResourceVersion = pod.Metadata.ResourceVersion,
                FieldPath = container is null ? null : FieldPath(container),
            },
            type, reason, message);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_recorders.Values.Select(recorder => recorder.Value.DisposeAsync().AsTask()));

    private EventRecorder Recorder(string node) => _recorders.GetOrAdd(
        node, name => new Lazy<EventRecorder>(() => new EventRecorder(client, "kubelet", name, time, logger))).Value;

    private static string FieldPath(ContainerRecord container) => container.Kind switch
    {
        Drivers.ContainerKind.Main => $"spec.containers{{{container.Name}}}",
        Drivers.ContainerKind.Ephemeral => $"spec.ephemeralContainers{{{container.Name}}}",
        _ => $"spec.initContainers{{{container.Name}}}",
    };
}
