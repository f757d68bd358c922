using k8s.Models;
using KubeLite.ControllerManager.ReplicaSets;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Selectors;

namespace KubeLite.ControllerManager.ReplicationControllers;

/// <summary>The <c>replicationcontroller-controller</c>.</summary>
public sealed class ReplicationControllerController(ControllerContext context)
    : ReplicaController<V1ReplicationController>(context, "replicationcontroller-controller")
{
    /// <inheritdoc/>
    protected override int Replicas(V1ReplicationController owner) => owner.Spec.Replicas ?? 1;

    /// <inheritdoc/>
    protected override V1PodTemplateSpec Template(V1ReplicationController owner) => owner.Spec.Template;

    /// <inheritdoc/>
    protected override int MinReadySeconds(V1ReplicationController owner) => owner.Spec.MinReadySeconds ?? 0;

    /// <inheritdoc/>
    protected override bool Selects(V1ReplicationController owner, IDictionary<string, string>? labels) =>
        owner.Spec.Selector is { Count: > 0 } selector && LabelSelectors.MatchesAll(selector, labels);

    /// <inheritdoc/>
    protected override Task UpdateStatusAsync(
        V1ReplicationController owner, ReplicaCounts counts, ReplicaFailure? failure, CancellationToken cancellationToken)
    {
        var old = owner.Status ?? new V1ReplicationControllerStatus();
        var status = new V1ReplicationControllerStatus
        {
            Replicas = counts.Replicas,
            FullyLabeledReplicas = Counts.OrNull(counts.FullyLabeled),
            ReadyReplicas = Counts.OrNull(counts.Ready),
            AvailableReplicas = Counts.OrNull(counts.Available),
            ObservedGeneration = owner.Metadata.Generation,
            Conditions = Conditions(old.Conditions, failure),
        };
        return JsonCompare.Same(old, status)
            ? Task.CompletedTask
            : Client.UpdateStatusAsync(owner with { Status = status }, cancellationToken);
    }

    private IList<V1ReplicationControllerCondition>? Conditions(IList<V1ReplicationControllerCondition>? old, ReplicaFailure? failure)
    {
        var others = (old ?? []).Where(c => c.Type != "ReplicaFailure").ToList();
        if (failure is not null)
        {
            var before = old?.FirstOrDefault(c => c.Type == "ReplicaFailure");
            others.Add(before is not null && before.Reason == failure.Reason ? before : new V1ReplicationControllerCondition
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
