using System.Text.Json.Nodes;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>
/// The <c>node-lifecycle-controller</c>: notices that a node fell silent, marks it and its Pods, and keeps the taints that
/// follow from its conditions (pkg/controller/nodelifecycle). A node has one pending check, moved by each heartbeat.
/// </summary>
public sealed class NodeLifecycleController : KeyedController<string>
{
    private const string LeaseNamespace = "kube-node-lease";

    private readonly SharedInformer<V1Node> _nodes;
    private readonly SharedInformer<V1Lease> _leases;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly IEventRecorder _events;
    private readonly NodeHealth _health;

    /// <summary>Asks for the informers.</summary>
    public NodeLifecycleController(ControllerContext context) : base(context, "node-lifecycle-controller", 8)
    {
        _events = NewRecorder("node-controller");
        _health = new NodeHealth(context.Time);
        _nodes = Watch<V1Node>();
        _leases = Await(context.Informers.Informer<V1Lease>(new InformerSelection(LeaseNamespace)));
        _pods = Watch<V1Pod>();
        _pods.AddIndex(PodsByNode.Index, PodsByNode.Keys);
        _nodes.AddHandler(new ResourceEventHandler<V1Node>(node =>
        {
            _health.Heard(node.Metadata.Name);
            Record(node.Value, "RegisteredNode", $"Registered Node {node.Metadata.Name} in Controller");
            Queue.Add(node.Metadata.Name);
        }, (old, node) =>
        {
            if (NodeHealth.Heartbeat(old.Value) != NodeHealth.Heartbeat(node.Value))
            {
                _health.Heard(node.Metadata.Name);
            }
            Queue.Add(node.Metadata.Name);
        }, node =>
        {
            _health.Forget(node.Metadata.Name);
            Record(node.Value, "RemovingNode", $"Removing Node {node.Metadata.Name} from Controller");
        }));
        // A renewed Lease only moves the pending check; nothing is read or written for it.
        _leases.AddHandler(new ResourceEventHandler<V1Lease>(l => _health.Heard(l.Metadata.Name), (old, l) =>
        {
            if (old.Value.Spec?.RenewTime != l.Value.Spec?.RenewTime)
            {
                _health.Heard(l.Metadata.Name);
                if (_health.IsSilent(l.Metadata.Name, context.Options.NodeMonitorGracePeriod)
                    || Ready(_nodes.Store.Get("", l.Metadata.Name)) == "Unknown")
                {
                    Queue.Add(l.Metadata.Name);
                }
            }
        }));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_nodes.Store.Get("", key) is not { } node)
        {
            return ReconcileResult.Done;
        }
        var grace = Context.Options.NodeMonitorGracePeriod;
        if (_health.IsSilent(key, grace))
        {
            node = await MarkUnknownAsync(node, cancellationToken).ConfigureAwait(false);
        }
        await SyncTaintsAsync(node, cancellationToken).ConfigureAwait(false);
        if (Ready(node) is { } ready && ready != "True")
        {
            await MarkPodsAsync(node, cancellationToken).ConfigureAwait(false);
        }
        return _health.IsSilent(key, grace) ? ReconcileResult.Done : ReconcileResult.After(_health.Left(key, grace));
    }

    private void Record(V1Node node, string reason, string what) =>
        _events.Record(node, "Normal", reason, $"Node {node.Metadata.Name} event: {what}");

    private static string? Ready(V1Node? node) => NodeHealth.Condition(node, "Ready")?.Status;

    // What a silent node last said of itself is not known to hold any more.
    private async Task<V1Node> MarkUnknownAsync(V1Node node, CancellationToken cancellationToken)
    {
        var now = Now;
        var conditions = new List<V1NodeCondition>(node.Status?.Conditions ?? []);
        var changed = false;
        foreach (var type in (string[])["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"])
        {
            var index = conditions.FindIndex(c => c.Type == type);
            if (index < 0)
            {
                conditions.Add(new V1NodeCondition
                {
                    Type = type,
                    Status = "Unknown",
                    Reason = "NodeStatusNeverUpdated",
                    Message = "Kubelet never posted node status.",
                    LastHeartbeatTime = node.Metadata.CreationTimestamp,
                    LastTransitionTime = now,
                });
                changed = true;
            }
            else if (conditions[index].Status != "Unknown")
            {
                conditions[index] = conditions[index] with
                {
                    Status = "Unknown",
                    Reason = "NodeStatusUnknown",
                    Message = "Kubelet stopped posting node status.",
                    LastTransitionTime = now,
                };
                changed = true;
            }
        }
        if (!changed)
        {
            return node;
        }
        var wasReady = Ready(node) == "True";
        var status = (node.Status ?? new V1NodeStatus()) with { Conditions = conditions };
        var updated = await Client.UpdateStatusAsync(node with { Status = status }, cancellationToken).ConfigureAwait(false);
        if (wasReady)
        {
            _events.Record(node, "Normal", "NodeNotReady", $"Node {node.Metadata.Name} status is now: NodeNotReady");
        }
        return updated;
    }

    private async Task SyncTaintsAsync(V1Node node, CancellationToken cancellationToken)
    {
        if (NodeTaints.Wanted(node, Now) is not { } wanted)
        {
            return;
        }
        // The version keeps a taint that somebody adds meanwhile; the last one needs an explicit null to go.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject
            {
                ["taints"] = wanted.Count == 0 ? null : new JsonArray([.. wanted.Select(KubeJson.ToNode)]),
            },
        };
        await Client.PatchAsync<V1Node>(null, node.Metadata.Name, PatchFormat.Merge, patch, WriteOptions.None, cancellationToken)
            .ConfigureAwait(false);
    }

    // Nobody else can say that Pods on a node that isn't ready aren't either.
    private async Task MarkPodsAsync(V1Node node, CancellationToken cancellationToken)
    {
        foreach (var pod in _pods.Store.ByIndex(PodsByNode.Index, node.Metadata.Name))
        {
            if (!PodConditions.IsReady(pod))
            {
                continue;
            }
            var conditions =
                pod.Status.Conditions.Select(c => c.Type == "Ready" ? c with { Status = "False", LastTransitionTime = Now } : c).ToList();
            try
            {
                await Client.UpdateStatusAsync(pod with { Status = pod.Status with { Conditions = conditions } }, cancellationToken)
                    .ConfigureAwait(false);
                _events.Record(pod, "Warning", "NodeNotReady", "Node is not ready");
            }
            catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
            {
                // It changed or went; its next event is seen by whoever cares.
            }
        }
    }
}
