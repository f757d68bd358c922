using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.NodeLifecycle;

/// <summary>
/// The <c>taint-eviction-controller</c>: deletes Pods from nodes with NoExecute taints that they don't tolerate, or not for
/// longer (pkg/controller/tainteviction).
/// </summary>
public sealed class TaintEvictionController : ObjectController
{
    private readonly SharedInformer<V1Node> _nodes;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public TaintEvictionController(ControllerContext context) : base(context, "taint-eviction-controller", 8)
    {
        _events = NewRecorder();
        _nodes = Watch<V1Node>();
        _pods = Watch<V1Pod>();
        _pods.AddIndex(PodsByNode.Index, PodsByNode.Keys);
        _nodes.AddHandler(new ResourceEventHandler<V1Node>(EnqueuePods, (old, node) =>
        {
            if (!JsonCompare.Same(NoExecute(old.Value), NoExecute(node.Value)))
            {
                EnqueuePods(node);
            }
        }));
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(EnqueueTainted, (old, pod) =>
        {
            // Only the spec counts: the node, or tolerations that were added.
            if (old.NodeName() != pod.NodeName() || old.Metadata.Generation != pod.Metadata.Generation)
            {
                EnqueueTainted(pod);
            }
        }));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_pods.Store.Get(key) is not { } pod || pod.Metadata.DeletionTimestamp is not null || PodConditions.IsTerminal(pod)
            || string.IsNullOrEmpty(pod.Spec.NodeName) || _nodes.Store.Get("", pod.Spec.NodeName) is not { } node)
        {
            return ReconcileResult.Done;
        }
        var taints = NoExecute(node);
        if (taints.Count == 0)
        {
            return ReconcileResult.Done;
        }
        DateTime? due = null;
        foreach (var taint in taints)
        {
            var tolerations = (pod.Spec.Tolerations ?? []).Where(t => Tolerations.Tolerates(t, taint)).ToList();
            if (tolerations.Count == 0)
            {
                due = DateTime.MinValue;
                break;
            }
            if (tolerations.TrueForAll(t => t.TolerationSeconds is null))
            {
                continue;
            }
            var seconds = tolerations.Where(t => t.TolerationSeconds is not null).Min(t => Math.Max(0, t.TolerationSeconds!.Value));
            var until = (taint.TimeAdded ?? Now).AddSeconds(Math.Min(seconds, int.MaxValue));
            due = due is null || until < due ? until : due;
        }
        if (due is not { } time)
        {
            return ReconcileResult.Done;
        }
        if (time > Now)
        {
            return ReconcileResult.After(time - Now + TimeSpan.FromMilliseconds(100));
        }
        await EvictAsync(pod, cancellationToken).ConfigureAwait(false);
        return ReconcileResult.Done;
    }

    private async Task EvictAsync(V1Pod pod, CancellationToken cancellationToken)
    {
        _events.Record(
            pod, "Normal", "TaintManagerEviction", $"Marking for deletion Pod {pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}");
        try
        {
            var condition = new V1PodCondition
            {
                Type = "DisruptionTarget",
                Status = "True",
                Reason = "DeletionByTaintManager",
                Message = "Taint manager: deleting due to NoExecute taint",
                LastTransitionTime = Now,
            };
            await Client.PatchStatusAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.StrategicMerge,
                new V1Pod
                {
                    Metadata = new V1ObjectMeta { Uid = pod.Metadata.Uid },
                    Status = new V1PodStatus { Conditions = [condition] },
                },
                cancellationToken).ConfigureAwait(false);
            await Client.DeleteAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name,
                new V1DeleteOptions
                {
                    Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid },
                }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already.
        }
    }

    private static List<V1Taint> NoExecute(V1Node node) => [.. (node.Spec?.Taints ?? []).Where(t => t.Effect == "NoExecute")];

    private void EnqueuePods(CachedObject<V1Node> node)
    {
        if (NoExecute(node.Value).Count == 0)
        {
            return;
        }
        foreach (var pod in _pods.Store.ByIndex(PodsByNode.Index, node.Metadata.Name))
        {
            Enqueue(pod);
        }
    }

    private void EnqueueTainted(CachedObject<V1Pod> pod)
    {
        if (pod.NodeName() is { Length: > 0 } name
            && (_nodes.Store.Get("", name) is not { } node || NoExecute(node).Count > 0))
        {
            Enqueue(pod);
        }
    }
}
