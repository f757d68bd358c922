using k8s;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Volumes;

/// <summary>
/// Keeps objects while they are used: each gets a finalizer, which goes once the object is being deleted and nothing uses it.
/// </summary>
public abstract class ProtectionController<T> : ObjectController
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly string _finalizer;

    /// <summary>Asks for the informer of what is protected.</summary>
    /// <param name="context">What controllers share.</param>
    /// <param name="name">The controller's name.</param>
    /// <param name="finalizer">The finalizer that it keeps.</param>
    /// <param name="workers">How many objects are looked at at once.</param>
    protected ProtectionController(ControllerContext context, string name, string finalizer, int workers) : base(context, name, workers)
    {
        _finalizer = finalizer;
        Protected = Watch<T>();
        Protected.AddHandler(new ResourceEventHandler<T>(Look, (_, obj) => Look(obj)));
    }

    /// <summary>What is protected, as last seen.</summary>
    protected SharedInformer<T> Protected { get; }

    /// <inheritdoc/>
    public sealed override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (Protected.Store.Get(key) is not { } obj)
        {
            return ReconcileResult.Done;
        }
        var held = IsHeld(obj.Metadata);
        if (obj.Metadata.DeletionTimestamp is null && !held)
        {
            await WriteAsync(obj, [.. obj.Metadata.Finalizers ?? [], _finalizer], cancellationToken).ConfigureAwait(false);
        }
        else if (obj.Metadata.DeletionTimestamp is not null && held && !await IsUsedAsync(obj, cancellationToken).ConfigureAwait(false))
        {
            await WriteAsync(obj, [.. obj.Metadata.Finalizers!.Where(f => f != _finalizer)], cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    /// <summary>Whether something uses an object that is being deleted; what the caches don't know yet counts.</summary>
    protected abstract Task<bool> IsUsedAsync(T obj, CancellationToken cancellationToken);

    /// <summary>A copy with other metadata.</summary>
    protected abstract T With(T obj, V1ObjectMeta metadata);

    private bool IsHeld(V1ObjectMeta metadata) => metadata.Finalizers?.Contains(_finalizer) == true;

    private void Look(CachedObject obj)
    {
        if (obj.Metadata.DeletionTimestamp is null != IsHeld(obj.Metadata))
        {
            Enqueue(obj);
        }
    }

    private async Task WriteAsync(T obj, List<string> finalizers, CancellationToken cancellationToken)
    {
        try
        {
            await Client.UpdateAsync(
                With(obj, obj.Metadata with { Finalizers = finalizers.Count == 0 ? null : finalizers }),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Gone already.
        }
    }
}
