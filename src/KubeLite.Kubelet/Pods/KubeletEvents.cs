using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet.Pods;

/// <summary>Records events of Pods and nodes in the name of each node, whose recorder is made with its first event. Thread-safe.</summary>
internal sealed class KubeletEvents(ApiClient client, bool enabled, TimeProvider time, ILogger<KubeletEvents> logger) : IAsyncDisposable
{
    private static readonly string[] s_healthy = ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"];

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

    /// <summary>Records what a kubelet says of its node as it starts (Kubernetes v1.36, <c>kubelet_node_status.go</c>).</summary>
    /// <param name="node">The node.</param>
    /// <param name="becameReady">True where the node was not known before, or not as ready.</param>
    public void RecordStart(NodeIdentity node, bool becameReady)
    {
        RecordNode(node, "Starting", "Starting kubelet.");
        foreach (var reason in s_healthy)
        {
            RecordStatus(node, reason);
        }

        RecordNode(node, "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods");
        if (becameReady)
        {
            RecordStatus(node, "NodeReady");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_recorders.Values.Select(recorder => recorder.Value.DisposeAsync().AsTask()));

    private void RecordStatus(NodeIdentity node, string reason) => RecordNode(node, reason, $"Node {node.Name} status is now: {reason}");

    private void RecordNode(NodeIdentity node, string reason, string message)
    {
        if (enabled)
        {
            // A kubelet gives the name for the uid: kubectl looks for it so.
            var reference = new V1ObjectReference { Kind = "Node", Name = node.Name, Uid = node.Name };
            Recorder(node.Name).Record(reference, "Normal", reason, message);
        }
    }

    private EventRecorder Recorder(string node) => _recorders.GetOrAdd(
        node, name => new Lazy<EventRecorder>(() => new EventRecorder(client, "kubelet", name, time, logger))).Value;

    private static string FieldPath(ContainerRecord container) => container.Kind switch
    {
        Drivers.ContainerKind.Main => $"spec.containers{{{container.Name}}}",
        Drivers.ContainerKind.Ephemeral => $"spec.ephemeralContainers{{{container.Name}}}",
        _ => $"spec.initContainers{{{container.Name}}}",
    };
}
