using k8s.Models;
using KubeLite.ControllerManager.NodeLifecycle;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.PodGarbage;

/// <summary>
/// The <c>pod-garbage-collector-controller</c>: force-deletes Pods whose node is gone or that were never put on one and are
/// being deleted, and the oldest ended Pods beyond a number (pkg/controller/podgc). It looks at a Pod when it or its node
/// changes, instead of at all Pods every while.
/// </summary>
public sealed class PodGarbageController : ObjectController
{
    private const string OutOfService = "node.kubernetes.io/out-of-service";

    // A node may be registered again at once, or the cache be behind.
    private static readonly TimeSpan s_quarantine = TimeSpan.FromSeconds(40);
    private static readonly ObjectKey s_surplus = new("", "");

    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1Node> _nodes;

    /// <summary>Asks for the informers.</summary>
    public PodGarbageController(ControllerContext context) : base(context, "pod-garbage-collector-controller", 4)
    {
        _nodes = Watch<V1Node>();
        _pods = Watch<V1Pod>();
        _pods.AddIndex(PodsByNode.Index, PodsByNode.Keys);
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(Look, (_, pod) => Look(pod)));
        _nodes.AddHandler(new ResourceEventHandler<V1Node>(updated: (_, node) =>
        {
            if (node.Value.Spec?.Taints?.Any(t => t.Key == OutOfService) == true)
            {
                EnqueuePods(node, TimeSpan.Zero);
            }
        }, deleted: node => EnqueuePods(node, s_quarantine)));
    }

    /// <inheritdoc/>
    protected override void Synced()
    {
        foreach (var pod in _pods.Store.Cached())
        {
            if (pod.NodeName() is { Length: > 0 } node && _nodes.Store.Cached(new ObjectKey("", node)) is null)
            {
                Queue.AddAfter(pod.Key, s_quarantine);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (key == s_surplus)
        {
            await DeleteSurplusAsync(cancellationToken).ConfigureAwait(false);
            return ReconcileResult.Done;
        }
        if (_pods.Store.Get(key) is not { } pod)
        {
            return ReconcileResult.Done;
        }
        if (string.IsNullOrEmpty(pod.Spec.NodeName))
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                await KillAsync(pod, null, cancellationToken).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        if (_nodes.Store.Get("", pod.Spec.NodeName) is { } node)
        {
            if (pod.Metadata.DeletionTimestamp is not null && node.Spec?.Taints?.Any(t => t.Key == OutOfService) == true && !IsReady(node))
            {
                await KillAsync(pod, null, cancellationToken).ConfigureAwait(false);
            }
            return ReconcileResult.Done;
        }
        if (await Client.FindAsync<V1Node>(null, pod.Spec.NodeName, cancellationToken).ConfigureAwait(false) is null)
        {
            var condition = new V1PodCondition
            {
                Type = "DisruptionTarget",
                Status = "True",
                Reason = "DeletionByPodGC",
                Message = "PodGC: node no longer exists",
                LastTransitionTime = Now,
            };
            await KillAsync(pod, condition, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task DeleteSurplusAsync(CancellationToken cancellationToken)
    {
        var ended = _pods.Store.Cached().Where(p => p.IsTerminal() && p.Metadata.DeletionTimestamp is null).ToList();
        var surplus = ended.Count - Context.Options.TerminatedPodGCThreshold;
        if (surplus <= 0)
        {
            return;
        }
        ended.Sort(static (a, b) => Nullable.Compare(a.Metadata.CreationTimestamp, b.Metadata.CreationTimestamp));
        foreach (var pod in ended.Take(surplus))
        {
            await KillAsync(pod.Value, null, cancellationToken).ConfigureAwait(false);
        }
    }

    // A Pod that never ended must not look as if it had succeeded or still ran.
    private async Task KillAsync(V1Pod pod, V1PodCondition? condition, CancellationToken cancellationToken)
    {
        try
        {
            if (!PodConditions.IsTerminal(pod))
            {
                await Client.PatchStatusAsync<V1Pod>(
                    pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.StrategicMerge,
                    new V1Pod
                    {
                        Metadata = new V1ObjectMeta { Uid = pod.Metadata.Uid },
                        Status = new V1PodStatus { Phase = "Failed", Conditions = condition is null ? null : [condition] },
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            await Client.DeleteAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name,
                new V1DeleteOptions
                {
                    GracePeriodSeconds = 0,
                    Preconditions = new V1Preconditions { Uid = pod.Metadata.Uid },
                }, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already.
        }
    }

    private void Look(CachedObject<V1Pod> pod)
    {
        if (pod.Metadata.DeletionTimestamp is not null && !(pod.NodeName().Length == 0 && pod.IsTerminal()))
        {
            Enqueue(pod);
        }
        if (Context.Options.TerminatedPodGCThreshold > 0 && pod.IsTerminal()
            && _pods.Store.Count > Context.Options.TerminatedPodGCThreshold)
        {
            Queue.AddAfter(s_surplus, TimeSpan.FromSeconds(20));
        }
    }

    private void EnqueuePods(CachedObject node, TimeSpan delay)
    {
        foreach (var pod in _pods.Store.CachedByIndex(PodsByNode.Index, node.Metadata.Name))
        {
            Queue.AddAfter(pod.Key, delay);
        }
    }

    private static bool IsReady(V1Node node) => NodeHealth.Condition(node, "Ready")?.Status == "True";
}
