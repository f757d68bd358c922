using k8s;
using k8s.Models;
using KubeLite.ControllerManager.Pods;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.Selectors;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.ReplicaSets;

/// <summary>
/// Keeps as many Pods as an owner asks for: what ReplicaSets and ReplicationControllers have in common
/// (pkg/controller/replicaset).
/// </summary>
public abstract class ReplicaController<T> : ObjectController where T : class, IKubernetesObject<V1ObjectMeta>
{
    private const int Burst = 500;

    private readonly SharedInformer<T> _owners;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly Expectations _expectations;
    private readonly PodControl _control;
    private readonly ResourceInfo _resource = ResourceInfo.Of<T>();

    /// <summary>Asks for the informers.</summary>
    protected ReplicaController(ControllerContext context, string name) : base(context, name, context.Options.ConcurrentSyncs)
    {
        _expectations = new Expectations(context.Time);
        _control = new PodControl(context.Client, NewRecorder());
        _owners = Watch<T>();
        _pods = Watch<V1Pod>();
        _owners.AddHandler(new ResourceEventHandler<T>(Enqueue, (_, item) => Enqueue(item), item =>
        {
            _expectations.Forget(item.Key);
            Enqueue(item);
        }));
        _pods.AddHandler(EnqueueOwner<V1Pod>(_resource.Kind, Observe));
        _pods.AddHandler(new ResourceEventHandler<V1Pod>(EnqueueAdopters, (old, pod) =>
        {
            if (!LabelSelectors.Same(old.Metadata.Labels, pod.Metadata.Labels)
                || (OwnerReferences.ControllerOf(pod.Metadata) is null && OwnerReferences.ControllerOf(old.Metadata) is not null))
            {
                EnqueueAdopters(pod);
            }
        }));
    }

    /// <summary>How many Pods an owner wants.</summary>
    protected abstract int Replicas(T owner);

    /// <summary>The owner's template.</summary>
    protected abstract V1PodTemplateSpec Template(T owner);

    /// <summary>How long a Pod must be ready to be available, in seconds.</summary>
    protected abstract int MinReadySeconds(T owner);

    /// <summary>Whether the owner's selector selects these labels.</summary>
    protected abstract bool Selects(T owner, IDictionary<string, string>? labels);

    /// <summary>Writes the status if it changed.</summary>
    protected abstract Task UpdateStatusAsync(T owner, ReplicaCounts counts, ReplicaFailure? failure, CancellationToken cancellationToken);

    /// <summary>Pods of the same purpose, whose spread over nodes decides which go first. Default: the owner's own.</summary>
    protected virtual IEnumerable<V1Pod> Related(T owner, IReadOnlyList<V1Pod> own) => own;

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_owners.Store.Get(key) is not { } owner)
        {
            _expectations.Forget(key);
            return ReconcileResult.Done;
        }
        var satisfied = _expectations.Satisfied(key);
        var (active, terminating) = await ClaimAsync(owner, cancellationToken).ConfigureAwait(false);
        Exception? error = null;
        ReplicaFailure? failure = null;
        if (satisfied && owner.Metadata.DeletionTimestamp is null)
        {
            error = await ManageAsync(key, owner, active, cancellationToken).ConfigureAwait(false);
            if (error is not null)
            {
                failure = new ReplicaFailure(active.Count < Replicas(owner) ? "FailedCreate" : "FailedDelete", error.Message);
            }
        }
        var counts = ReplicaCounts.Of(active, terminating, Template(owner), MinReadySeconds(owner), Now);
        await UpdateStatusAsync(owner, counts, failure, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            throw error;
        }
        return NextCheck(active, MinReadySeconds(owner)) is { } delay ? ReconcileResult.After(delay) : ReconcileResult.Done;
    }

    private async Task<(List<V1Pod> Active, int Terminating)> ClaimAsync(T owner, CancellationToken cancellationToken)
    {
        var relevant = new List<V1Pod>();
        foreach (var pod in _pods.Store.CachedNamespace(owner.Metadata.NamespaceProperty))
        {
            var controller = OwnerReferences.ControllerOf(pod.Metadata);
            var concerns = controller is null ? Selects(owner, pod.Metadata.Labels) : controller.Uid == owner.Metadata.Uid;
            if (concerns && !pod.IsTerminal())
            {
                relevant.Add(pod.Value);
            }
        }
        var refs = new ControllerRefs<V1Pod>(Client, owner, _resource.ApiVersion, _resource.Kind);
        var claimed = await refs.ClaimAsync(
            relevant,
            pod => Selects(owner, pod.Metadata.Labels),
            async ct => await Client.FindAsync<T>(owner.Metadata.NamespaceProperty, owner.Metadata.Name, ct)
                .ConfigureAwait(false) is { } fresh
                && fresh.Metadata.Uid == owner.Metadata.Uid && fresh.Metadata.DeletionTimestamp is null,
            cancellationToken).ConfigureAwait(false);
        var active = claimed.FindAll(PodConditions.IsActive);
        return (active, claimed.Count - active.Count);
    }

    private Task<Exception?> ManageAsync(ObjectKey key, T owner, List<V1Pod> active, CancellationToken cancellationToken)
    {
        var difference = active.Count - Replicas(owner);
        return difference switch
        {
            < 0 => CreateAsync(key, owner, Math.Min(-difference, Burst), cancellationToken),
            > 0 => DeleteAsync(key, owner, active, Math.Min(difference, Burst), cancellationToken),
            _ => Task.FromResult<Exception?>(null),
        };
    }

    private async Task<Exception?> CreateAsync(ObjectKey key, T owner, int count, CancellationToken cancellationToken)
    {
        _expectations.ExpectCreations(key, count);
        var controller = OwnerReferences.NewController(owner, _resource.ApiVersion, _resource.Kind);
        var template = Template(owner);
        var (succeeded, failure) = await SlowStart.RunAsync(count, async _ =>
        {
            try
            {
                await _control.CreateAsync(PodControl.FromTemplate(template, owner, controller), owner, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (ApiStatusException e) when (e.IsNamespaceTerminating)
            {
                // Nothing will ever show; the namespace takes the owner with it.
                _expectations.CreationObserved(key);
            }
        }).ConfigureAwait(false);
        _expectations.CreationObserved(key, failure is null ? 0 : count - succeeded);
        return failure;
    }

    private async Task<Exception?> DeleteAsync(ObjectKey key, T owner, List<V1Pod> active, int count, CancellationToken cancellationToken)
    {
        var victims = active;
        if (count < active.Count)
        {
            victims = [.. active];
            victims.Sort(new PodRanking(PodRanking.CountByNode(Related(owner, active)), Now));
            victims = victims.GetRange(0, count);
        }
        _expectations.ExpectDeletions(key, victims.Select(p => p.Metadata.Uid));
        Exception? failure = null;
        foreach (var task in victims.ConvertAll(pod => (Pod: pod, Task: _control.DeleteAsync(pod, owner, cancellationToken))))
        {
            try
            {
                await task.Task.ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException)
            {
                _expectations.DeletionObserved(key, task.Pod.Metadata.Uid);
                failure ??= e;
            }
        }
        return failure;
    }

    private void Observe(ObjectKey key, CachedObject? old, CachedObject? pod)
    {
        if (old is null && pod is not null)
        {
            _expectations.CreationObserved(key);
        }
        if (pod is null)
        {
            _expectations.DeletionObserved(key, old!.Metadata.Uid);
        }
        else if (pod.Metadata.DeletionTimestamp is not null)
        {
            // A graceful deletion counts from its beginning: the Pod won't come back.
            _expectations.DeletionObserved(key, pod.Metadata.Uid);
        }
    }

    private void EnqueueAdopters(CachedObject pod)
    {
        if (OwnerReferences.ControllerOf(pod.Metadata) is not null || pod.Metadata.Labels is not { Count: > 0 } labels)
        {
            return;
        }
        foreach (var owner in _owners.Store.ListNamespace(pod.Metadata.NamespaceProperty))
        {
            if (Selects(owner, labels))
            {
                Enqueue(owner);
            }
        }
    }

    private TimeSpan? NextCheck(List<V1Pod> active, int minReadySeconds)
    {
        if (minReadySeconds == 0)
        {
            return null;
        }
        TimeSpan? soonest = null;
        foreach (var pod in active)
        {
            if (PodConditions.Find(pod, "Ready") is { Status: "True", LastTransitionTime: { } since })
            {
                var left = since.AddSeconds(minReadySeconds) - Now;
                if (left > TimeSpan.Zero && (soonest is null || left < soonest))
                {
                    soonest = left;
                }
            }
        }
        // Times are whole seconds, so that "now" may be a little early.
        return soonest + TimeSpan.FromMilliseconds(50);
    }
}
