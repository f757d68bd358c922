using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.ReplicaSets;

/// <summary>The <c>replicaset-controller</c>.</summary>
public sealed class ReplicaSetController(ControllerContext context) : ReplicaController<V1ReplicaSet>(context, "replicaset-controller")
{
    private readonly SharedInformer<V1ReplicaSet> _sets = context.Informers.Informer<V1ReplicaSet>();
    private readonly SharedInformer<V1Pod> _allPods = context.Informers.Informer<V1Pod>();

    /// <inheritdoc/>
    protected override int Replicas(V1ReplicaSet owner) => owner.Spec.Replicas ?? 1;

    /// <inheritdoc/>
    protected override V1PodTemplateSpec Template(V1ReplicaSet owner) => owner.Spec.Template;

    /// <inheritdoc/>
    protected override int MinReadySeconds(V1ReplicaSet owner) => owner.Spec.MinReadySeconds ?? 0;

    /// <inheritdoc/>
    protected override bool Selects(V1ReplicaSet owner, IDictionary<string, string>? labels) =>
        owner.Spec.Selector is { } selector && !LabelSelectors.IsEmpty(selector) && LabelSelectors.Matches(selector, labels);

    /// <inheritdoc/>
    protected override IEnumerable<V1Pod> Related(V1ReplicaSet owner, IReadOnlyList<V1Pod> own)
    {
        // During a roll-out old and new Pods do the same work; what counts is their spread together.
        if (OwnerReferences.ControllerOf(owner)?.Uid is not { } parent)
        {
            return own;
        }
        var siblings = new HashSet<string>(StringComparer.Ordinal);
        foreach (var set in _sets.Store.ListNamespace(owner.Metadata.NamespaceProperty))
        {
            if (OwnerReferences.ControllerOf(set)?.Uid == parent)
            {
                siblings.Add(set.Metadata.Uid);
            }
        }
        return _allPods.Store.ListNamespace(owner.Metadata.NamespaceProperty)
            .Where(p => OwnerReferences.ControllerOf(p)?.Uid is { } uid && siblings.Contains(uid));
    }

    /// <inheritdoc/>
    protected override Task UpdateStatusAsync(
        V1ReplicaSet owner, ReplicaCounts counts, ReplicaFailure? failure, CancellationToken cancellationToken)
    {
        var old = owner.Status ?? new V1ReplicaSetStatus();
        var status = new V1ReplicaSetStatus
        {
            Replicas = counts.Replicas,
            FullyLabeledReplicas = Counts.OrNull(counts.FullyLabeled),
            ReadyReplicas = Counts.OrNull(counts.Ready),
            AvailableReplicas = Counts.OrNull(counts.Available),
            TerminatingReplicas = counts.Terminating,
            ObservedGeneration = owner.Metadata.Generation,
            Conditions = Conditions(old.Conditions, failure),
        };
        return JsonCompare.Same(old, status)
            ? Task.CompletedTask
            : Client.UpdateStatusAsync(owner with { Status = status }, cancellationToken);
    }

    private IList<V1ReplicaSetCondition>? Conditions(IList<V1ReplicaSetCondition>? old, ReplicaFailure? failure)
    {
        var others = (old ?? []).Where(c => c.Type != "ReplicaFailure").ToList();
        if (failure is not null)
        {
            var before = old?.FirstOrDefault(c => c.Type == "ReplicaFailure");
            others.Add(before is not null && before.Reason == failure.Reason ? before : new V1ReplicaSetCondition
            {
                Type = "ReplicaFailure",
                Status = "True",
                Reason = failure.Reason,
                Message = failure.Message,
                LastTransitionTime = Now,
            });
        }
        return others.Count == 0 ? null : others;
    }
}
