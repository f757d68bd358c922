using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Revisions;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.DaemonSets;

/// <summary>The <c>daemonset-controller</c>: one Pod on every node that fits (pkg/controller/daemon).</summary>
public sealed class DaemonSetController : ObjectController
{
    private const int Burst = 250;

    private readonly SharedInformer<V1DaemonSet> _sets;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1Node> _nodes;
    private readonly SharedInformer<V1ControllerRevision> _revisions;
    private readonly IEventRecorder _events;
    private readonly PodControl _control;
    private readonly Expectations _expectations;
    private readonly FailedPodBackoff _failedPods;

    /// <summary>Asks for the informers.</summary>
    public DaemonSetController(ControllerContext context) : base(context, "daemonset-controller", 2)
    {
        _events = NewRecorder();
        _control = new PodControl(context.Client, _events);
        _expectations = new Expectations(context.Time);
        _failedPods = new FailedPodBackoff(context.Time);
        _sets = Watch<V1DaemonSet>();
        _pods = Watch<V1Pod>();
        _nodes = Watch<V1Node>();
        _revisions = Watch<V1ControllerRevision>();
        _sets.AddHandler(new ResourceEventHandler<V1DaemonSet>(
            Enqueue, (_, set) => Enqueue(set), set => _expectations.Forget(set.Key)));
        _revisions.AddHandler(EnqueueOwner<V1ControllerRevision>("DaemonSet"));
        _pods.AddHandler(EnqueueOwner<V1Pod>("DaemonSet", Observe));
        _nodes.AddHandler(new ResourceEventHandler<V1Node>(_ => EnqueueAll(), (old, node) =>
        {
            if (!LabelSelectors.Same(old.Metadata.Labels, node.Metadata.Labels)
                || !JsonCompare.Same(old.Value.Spec?.Taints, node.Value.Spec?.Taints))
            {
                EnqueueAll();
            }
        }, _ => EnqueueAll()));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_sets.Store.Get(key) is not { } set)
        {
            _expectations.Forget(key);
            return ReconcileResult.Done;
        }
        if (set.Spec.Selector is null || LabelSelectors.IsEmpty(set.Spec.Selector))
        {
            _events.Record(set, "Warning", "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return ReconcileResult.Done;
        }
        if (set.Metadata.DeletionTimestamp is not null)
        {
            return ReconcileResult.Done;
        }
        Task<bool> StillThere(CancellationToken ct) => ExistsAsync(set, ct);
        var history = new RevisionHistory(Client, _revisions.Store, "DaemonSet");
        var revisions = await history.ListAsync(set, set.Spec.Selector, StillThere, cancellationToken).ConfigureAwait(false);
        var (revision, collisions) = await history.CurrentAsync(
            set, set.Spec.Template, set.Spec.Template.Metadata?.Labels, revisions, set.Status?.CollisionCount ?? 0,
            cancellationToken).ConfigureAwait(false);
        var hash = revision.Metadata.Labels[RevisionHistory.HashLabel];

        var refs = new ControllerRefs<V1Pod>(Client, set, "apps/v1", "DaemonSet");
        var pods = await refs.ClaimAsync(
            _pods.Store.ListNamespace(set.Metadata.NamespaceProperty), p => LabelSelectors.Matches(
                set.Spec.Selector, p.Metadata.Labels), StillThere, cancellationToken).ConfigureAwait(false);
        var plan = new DaemonPlan(set, _nodes.Store.List(), pods, hash, Now);
        Exception? failure = null;
        if (_expectations.Satisfied(key))
        {
            plan.FillIn(_failedPods, _events);
            failure = await ApplyAsync(key, set, plan, hash, cancellationToken).ConfigureAwait(false);
            if (failure is null && !plan.HasWork && set.Spec.UpdateStrategy?.Type != "OnDelete")
            {
                plan.RollOut();
                failure = await ApplyAsync(key, set, plan, hash, cancellationToken).ConfigureAwait(false);
            }
            var inUse = pods.Select(p => p.Metadata.Labels?.TryGetValue(RevisionHistory.HashLabel, out var h) == true ? h : "")
                .Select(h => revisions.Find(
                    r => r.Metadata.Labels.TryGetValue(RevisionHistory.HashLabel, out var rh) && rh == h)?.Metadata.Name ?? "")
                .Append(revision.Metadata.Name).ToHashSet();
            await history.TruncateAsync(revisions, inUse, set.Spec.RevisionHistoryLimit ?? 10, cancellationToken).ConfigureAwait(false);
        }
        await WriteStatusAsync(set, plan, collisions, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            throw failure;
        }
        return plan.NextCheck is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
    }

    private async Task<Exception?> ApplyAsync(
        ObjectKey key, V1DaemonSet set, DaemonPlan plan, string hash, CancellationToken cancellationToken)
    {
        var create = plan.Create.Take(Burst).ToList();
        var delete = plan.Delete.Take(Burst).ToList();
        plan.Create.Clear();
        plan.Delete.Clear();
        _expectations.ExpectCreations(key, create.Count);
        _expectations.ExpectDeletions(key, delete.Select(p => p.Metadata.Uid));
        var (succeeded, failure) = await SlowStart.RunAsync(create.Count, async i =>
        {
            try
            {
                await _control.CreateAsync(DaemonPods.New(set, create[i], hash), set, cancellationToken).ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNamespaceTerminating)
            {
                _expectations.CreationObserved(key);
            }
        }).ConfigureAwait(false);
        _expectations.CreationObserved(key, failure is null ? 0 : create.Count - succeeded);
        foreach (var pod in delete)
        {
            try
            {
                await _control.DeleteAsync(pod, set, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
            {
                _expectations.DeletionObserved(key, pod.Metadata.Uid);
                failure ??= e;
            }
        }
        return failure;
    }

    private async Task WriteStatusAsync(V1DaemonSet set, DaemonPlan plan, int collisions, CancellationToken cancellationToken)
    {
        var status = plan.Status();
        status.CollisionCount = collisions == 0 ? set.Status?.CollisionCount : collisions;
        status.Conditions = set.Status?.Conditions;
        if (!JsonCompare.Same(set.Status, status))
        {
            await Client.UpdateStatusAsync(set with { Status = status }, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> ExistsAsync(V1DaemonSet set, CancellationToken cancellationToken) =>
        await Client.FindAsync<V1DaemonSet>(set.Metadata.NamespaceProperty, set.Metadata.Name, cancellationToken)
            .ConfigureAwait(false) is { } fresh
        && fresh.Metadata.Uid == set.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null;

    private void EnqueueAll()
    {
        foreach (var set in _sets.Store.Cached())
        {
            Enqueue(set);
        }
    }

    private void Observe(ObjectKey key, CachedObject? old, CachedObject? pod)
    {
        if (old is null)
        {
            _expectations.CreationObserved(key);
        }
        if (pod is null || pod.Metadata.DeletionTimestamp is not null)
        {
            _expectations.DeletionObserved(key, (pod ?? old!).Metadata.Uid);
        }
    }
}
