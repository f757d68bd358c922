using k8s;
using k8s.Models;
using KubeLite.ControllerManager.Running;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;

namespace KubeLite.ControllerManager.Quota;

/// <summary>
/// The <c>resourcequota-controller</c>: counts what a namespace uses of its quotas. Admission counts what is added at once;
/// this corrects it and notices what went (pkg/controller/resourcequota).
/// </summary>
public sealed class ResourceQuotaController : ObjectController
{
    // What admission counted may not be in the cache yet.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    private readonly SharedInformer<V1ResourceQuota> _quotas;
    private readonly SharedInformer<V1Pod> _pods;
    private readonly SharedInformer<V1Service> _services;
    private readonly SharedInformer<V1PersistentVolumeClaim> _claims;
    private readonly Dictionary<string, IMetadataInformer> _counted = new(StringComparer.Ordinal);

    /// <summary>Asks for the informers; those of other resources come with the quotas that count them.</summary>
    public ResourceQuotaController(ControllerContext context) : base(context, "resourcequota-controller", 1)
    {
        _quotas = Watch<V1ResourceQuota>();
        _pods = Watch<V1Pod>();
        _services = Watch<V1Service>();
        _claims = Watch<V1PersistentVolumeClaim>();
        _quotas.AddHandler(new ResourceEventHandler<V1ResourceQuota>(Enqueue, (old, quota) =>
        {
            if (!JsonCompare.Same(old.Value.Spec, quota.Value.Spec))
            {
                Enqueue(quota);
            }
        }));
        _pods.AddHandler(Changes<V1Pod>((old, pod) => old.IsTerminal() != pod.IsTerminal()));
        _services.AddHandler(Changes<V1Service>((old, service) => !JsonCompare.Same(old.Value.Spec, service.Value.Spec)));
        _claims.AddHandler(Changes<V1PersistentVolumeClaim>((old, claim) => !JsonCompare.Same(old.Value.Spec, claim.Value.Spec)));
    }

    /// <inheritdoc/>
    public override async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (_quotas.Store.Get(key) is not { } quota)
        {
            return ReconcileResult.Done;
        }
        var hard = quota.Spec.Hard ?? new Dictionary<string, ResourceQuantity>();
        var amounts = await CountAsync(quota, key.Namespace, hard, cancellationToken).ConfigureAwait(false);
        var used = new Dictionary<string, ResourceQuantity>();
        foreach (var name in hard.Keys)
        {
            used[name] = amounts.Get(name);
        }
        var status = new V1ResourceQuotaStatus { Hard = hard, Used = used };
        if (!JsonCompare.Same(quota.Status, status))
        {
            await Client.UpdateStatusAsync(quota with { Status = status }, cancellationToken).ConfigureAwait(false);
        }
        return ReconcileResult.Done;
    }

    private async Task<QuotaAmounts> CountAsync(
        V1ResourceQuota quota, string ns, IDictionary<string, ResourceQuantity> hard, CancellationToken cancellationToken)
    {
        var amounts = new QuotaAmounts();
        foreach (var pod in _pods.Store.ListNamespace(ns))
        {
            if (QuotaScopes.Selects(quota, pod))
            {
                QuotaUsage.Add(amounts, pod);
            }
        }
        foreach (var service in _services.Store.ListNamespace(ns))
        {
            QuotaUsage.Add(amounts, service);
        }
        foreach (var claim in _claims.Store.ListNamespace(ns))
        {
            QuotaUsage.Add(amounts, claim);
        }
        foreach (var name in hard.Keys)
        {
            var plain = name.StartsWith("count/", StringComparison.Ordinal) ? name[6..] : name;
            if (plain is "pods" or "services" or "persistentvolumeclaims")
            {
                continue;
            }
            if ((plain.Length < name.Length || plain is "secrets" or "configmaps" or "replicationcontrollers" or "resourcequotas")
                && await CounterAsync(plain, cancellationToken).ConfigureAwait(false) is { } informer)
            {
                amounts.Add(name, informer.Metadata(ns).Count);
            }
        }
        return amounts;
    }

    private async Task<IMetadataInformer?> CounterAsync(string groupResource, CancellationToken cancellationToken)
    {
        if (!_counted.TryGetValue(groupResource, out var informer))
        {
            var found = await Client.Discovery.DiscoverAsync(cancellationToken).ConfigureAwait(false);
            if (found.Preferred.FirstOrDefault(
                r => r.Resource.GroupResource == groupResource && r.Supports("list", "watch")) is not { } resource)
            {
                return null;
            }
            informer = Context.Informers.Metadata(resource.Resource, MetadataTrim.Slim);
            _counted.Add(groupResource, informer);
            await informer.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            informer.AddHandler(new CountHandler(EnqueueNamespace));
        }
        await informer.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
        return informer;
    }

    private ResourceEventHandler<T> Changes<T>(Func<CachedObject<T>, CachedObject<T>, bool> matters)
        where T : class, IKubernetesObject<V1ObjectMeta> => new(
        item => EnqueueNamespace(item.Metadata),
        (old, item) =>
        {
            if (_quotas.Store.Count > 0 && matters(old, item))
            {
                EnqueueNamespace(item.Metadata);
            }
        },
        item => EnqueueNamespace(item.Metadata));

    private void EnqueueNamespace(V1ObjectMeta metadata)
    {
        if (!_quotas.HasSynced)
        {
            return;
        }
        foreach (var quota in _quotas.Store.CachedNamespace(metadata.NamespaceProperty ?? ""))
        {
            Queue.AddAfter(quota.Key, s_settle);
        }
    }

    // What is only counted matters when there is one more or one less.
    private sealed class CountHandler(Action<V1ObjectMeta> changed) : IResourceEventHandler<CachedObject>
    {
        public void OnAdd(CachedObject item, bool initial) => changed(item.Metadata);

        public void OnUpdate(CachedObject old, CachedObject item)
        {
        }

        public void OnDelete(CachedObject item) => changed(item.Metadata);
    }
}
