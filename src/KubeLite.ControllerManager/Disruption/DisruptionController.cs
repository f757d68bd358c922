using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Disruption;

/// <summary>
/// The <c>disruption-controller</c>: says in each PodDisruptionBudget how many Pods may be evicted now (pkg/controller/disruption).
/// </summary>
public sealed class DisruptionController : ObjectController
{
    // An eviction that didn't lead to a deletion within this time counts no longer.
    private static readonly TimeSpan s_evictionTime = TimeSpan.FromMinutes(2);

    private readonly SharedInformer<V1PodDisruptionBudget> _budgets;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly PodScale _scale;
    private readonly IEventRecorder _events;

    /// <summary>Asks for the informers.</summary>
    public DisruptionController(ControllerContext context) : base(context, "disruption-controller", 2)
    {
        _events = NewRecorder("controllermanager");
        _budgets = Watch<V1PodDisruptionBudget>();
        _pods = Watch<V1Pod>();
        _scale = new PodScale(
            context.Client, Watch<V1ReplicaSet>().Store, Watch<V1Deployment>().Store, Watch<V1ReplicationController>().Store,
            Watch<V1StatefulSet>().Store);
        _budgets.AddHandler(EnqueueChanged<V1PodDisruptionBudget>());
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(EnqueueBudgets, (old, pod) =>
        {
            if (_budgets.Store.Count > 0 && Matters(old, pod))
            {
                EnqueueBudgets(old);
                EnqueueBudgets(pod);
            }
        }, EnqueueBudgets));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_budgets.Store.Get(key) is not { } budget)
        {
            return ReconcileResult.Done;
        }
        var pods = _pods.Store.CachedNamespace(key.Namespace)
            .Where(p => LabelSelectors.Matches(budget.Spec.Selector, p.Metadata.Labels))
            .Select(p => p.Value)
            .ToList();
        if (pods.Count == 0)
        {
            _events.Record(budget, "Normal", "NoPods", "No matching pods found");
        }
        int expected, desired;
        try
        {
            (expected, desired) = await ExpectAsync(budget, pods, cancellationToken).ConfigureAwait(false);
        }
        catch (ScaleUnknownException e)
        {
            _events.Record(
                budget, "Warning", "CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: " + e.Message);
            await WriteAsync(budget, FailedStatus(budget, e.Message), cancellationToken).ConfigureAwait(false);
            throw;
        }
        var (disrupted, recheck) = Disrupted(budget, pods);
        var healthy =
            pods.Count(p => PodConditions.IsReady(p) && p.Metadata.DeletionTimestamp is null && !disrupted.ContainsKey(p.Metadata.Name));
        var allowed = expected <= 0 ? 0 : Math.Max(0, healthy - desired);
        var status = new V1PodDisruptionBudgetStatus
        {
            CurrentHealthy = healthy,
            DesiredHealthy = desired,
            ExpectedPods = expected,
            DisruptionsAllowed = allowed,
            DisruptedPods = disrupted.Count == 0 ? null : disrupted,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions = Conditions(budget, allowed > 0 ? ("True", "SufficientPods", "") : ("False", "InsufficientPods", "")),
        };
        await WriteAsync(budget, status, cancellationToken).ConfigureAwait(false);
        return recheck is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
    }

    private async Task<(int Expected, int Desired)> ExpectAsync(
        V1PodDisruptionBudget budget, List<V1Pod> pods, CancellationToken cancellationToken)
    {
        if (budget.Spec.MaxUnavailable is { } most)
        {
            var scale = await _scale.SumAsync(pods, cancellationToken).ConfigureAwait(false);
            return (scale, Math.Max(0, scale - IntOrPercent.Resolve(most, scale, roundUp: true, 0)));
        }
        if (budget.Spec.MinAvailable?.Value.EndsWith('%') == true)
        {
            var scale = await _scale.SumAsync(pods, cancellationToken).ConfigureAwait(false);
            return (scale, IntOrPercent.Resolve(budget.Spec.MinAvailable, scale, roundUp: true, 0));
        }
        return (pods.Count, IntOrPercent.Resolve(budget.Spec.MinAvailable, pods.Count, roundUp: true, 1));
    }

    private (Dictionary<string, DateTime?> Disrupted, TimeSpan? Recheck) Disrupted(V1PodDisruptionBudget budget, List<V1Pod> pods)
    {
        var result = new Dictionary<string, DateTime?>();
        TimeSpan? recheck = null;
        foreach (var pod in pods)
        {
            if (pod.Metadata.DeletionTimestamp is not null
                || budget.Status?.DisruptedPods?.TryGetValue(pod.Metadata.Name, out var since) != true || since is null)
            {
                continue;
            }
            var left = since.Value + s_evictionTime - Now;
            if (left <= TimeSpan.Zero)
            {
                _events.Record(
                    pod, "Warning", "NotDeleted",
                    "Pod was expected by PDB " + budget.Metadata.NamespaceProperty + "/" +
                        budget.Metadata.Name + " to be deleted but it wasn't");
                continue;
            }
            result[pod.Metadata.Name] = since;
            recheck = recheck is null || left < recheck ? left : recheck;
        }
        return (result, recheck);
    }

    private V1PodDisruptionBudgetStatus FailedStatus(V1PodDisruptionBudget budget, string message) =>
        (budget.Status ?? new V1PodDisruptionBudgetStatus { CurrentHealthy = 0, DesiredHealthy = 0, ExpectedPods = 0 }) with
        {
            // Nothing may be evicted while nobody knows how many there should be.
            DisruptionsAllowed = 0,
            ObservedGeneration = budget.Metadata.Generation,
            Conditions = Conditions(budget, ("False", "SyncFailed", message)),
        };

    private List<V1Condition> Conditions(V1PodDisruptionBudget budget, (string Status, string Reason, string Message) now)
    {
        var old = budget.Status?.Conditions?.FirstOrDefault(c => c.Type == "DisruptionAllowed");
        var condition = new V1Condition
        {
            Type = "DisruptionAllowed",
            Status = now.Status,
            Reason = now.Reason,
            Message = now.Message,
            ObservedGeneration = budget.Metadata.Generation,
            LastTransitionTime = old is not null && old.Status == now.Status ? old.LastTransitionTime : Now,
        };
        return [.. (budget.Status?.Conditions ?? []).Where(c => c.Type != "DisruptionAllowed"), condition];
    }

    private async Task WriteAsync(V1PodDisruptionBudget budget, V1PodDisruptionBudgetStatus status, CancellationToken cancellationToken)
    {
        if (!JsonCompare.Same(budget.Status, status))
        {
            await Client.UpdateStatusAsync(budget with { Status = status }, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Matters(CachedObject<V1Pod> old, CachedObject<V1Pod> pod) =>
        old.Metadata.DeletionTimestamp is null != pod.Metadata.DeletionTimestamp is null
        || !LabelSelectors.Same(old.Metadata.Labels, pod.Metadata.Labels)
        || PodConditions.IsReady(old.Value) != PodConditions.IsReady(pod.Value) || old.Value.Status?.Phase != pod.Value.Status?.Phase;

    private void EnqueueBudgets(CachedObject pod)
    {
        foreach (var budget in _budgets.Store.ListNamespace(pod.Metadata.NamespaceProperty))
        {
            if (LabelSelectors.Matches(budget.Spec.Selector, pod.Metadata.Labels))
            {
                Enqueue(budget);
            }
        }
    }
}
