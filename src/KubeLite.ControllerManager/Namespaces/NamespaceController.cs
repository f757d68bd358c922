using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Namespaces;

/// <summary>
/// The <c>namespace-controller</c>: empties a namespace that is being deleted, says in its conditions what is in the way,
/// and lets it go when nothing is left (pkg/controller/namespace).
/// </summary>
public sealed class NamespaceController : KeyedController<string>
{
    private const string Finalizer = "kubernetes";
    private static readonly TimeSpan s_podEstimate = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_otherEstimate = TimeSpan.FromSeconds(2);
    private static readonly WriteOptions s_finalize = new() { Subresource = "finalize" };

    private readonly SharedInformer<V1Namespace> _namespaces;

    /// <summary>Asks for the informers.</summary>
    public NamespaceController(ControllerContext context) : base(context, "namespace-controller", 5)
    {
        _namespaces = Watch<V1Namespace>();
        _namespaces.AddHandler(new ResourceEventHandler<V1Namespace>(EnqueueTerminating, (_, n) => EnqueueTerminating(n)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(string key, CancellationToken cancellationToken)
    {
        if (_namespaces.Store.Get("", key) is not { } cached || cached.Metadata.DeletionTimestamp is null || !Held(cached))
        {
            return ReconcileResult.Done;
        }
        var ns = await Client.FindAsync<V1Namespace>(null, key, cancellationToken).ConfigureAwait(false);
        if (ns is null || ns.Metadata.Uid != cached.Metadata.Uid || ns.Metadata.DeletionTimestamp is null || !Held(ns))
        {
            return ReconcileResult.Done;
        }
        if (ns.Status?.Phase != "Terminating")
        {
            ns.Status ??= new V1NamespaceStatus();
            ns.Status.Phase = "Terminating";
            ns = await Client.UpdateStatusAsync(ns, cancellationToken).ConfigureAwait(false);
        }
        var result = await NamespaceContent.DeleteAllAsync(Client, key, cancellationToken).ConfigureAwait(false);
        ns = await WriteConditionsAsync(ns, result, cancellationToken).ConfigureAwait(false);
        if (result.Failed)
        {
            // What failed may work next time; the back-off decides when.
            throw new InvalidOperationException(
                $"Not all content of namespace {key} could be deleted: {string.Join("; ", result.AllErrors)}");
        }
        if (result.Remaining.Count > 0)
        {
            return ReconcileResult.After(result.Remaining.ContainsKey("pods.") ? s_podEstimate : s_otherEstimate);
        }
        ns.Spec.Finalizers = [.. ns.Spec.Finalizers.Where(f => f != Finalizer)];
        try
        {
            await Client.UpdateAsync(ns, s_finalize, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiStatusException e) when (e.IsNotFound)
        {
            // Gone already.
        }
        return ReconcileResult.Done;
    }

    private void EnqueueTerminating(CachedObject<V1Namespace> ns)
    {
        if (ns.Metadata.DeletionTimestamp is not null && Held(ns.Value))
        {
            Queue.Add(ns.Metadata.Name);
        }
    }

    private static bool Held(V1Namespace ns) => ns.Spec?.Finalizers?.Contains(Finalizer) == true;

    private async Task<V1Namespace> WriteConditionsAsync(V1Namespace ns, NamespaceContentResult result, CancellationToken cancellationToken)
    {
        var conditions = NamespaceConditions.Of(ns.Status?.Conditions, result, Now);
        if (JsonCompare.Same(ns.Status?.Conditions, conditions))
        {
            return ns;
        }
        ns.Status ??= new V1NamespaceStatus { Phase = "Terminating" };
        ns.Status.Conditions = conditions;
        return await Client.UpdateStatusAsync(ns, cancellationToken).ConfigureAwait(false);
    }
}
