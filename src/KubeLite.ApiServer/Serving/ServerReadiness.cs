using KubeLite.ApiServer.Endpoints;
using KubeLite.Storage;

namespace KubeLite.ApiServer.Serving;

/// <summary>
/// How far a server's start has come and whether it stops, and the health checks that follow from it. Safe from any thread.
/// </summary>
internal sealed class ServerReadiness
{
    private volatile bool _customResourcesServed;
    private volatile bool _cachesFilled;
    private volatile bool _bootstrapped;
    private volatile bool _stopping;

    /// <summary>The custom resources that are stored are served.</summary>
    public bool CustomResourcesServed
    {
        get => _customResourcesServed;
        set => _customResourcesServed = value;
    }

    /// <summary>The caches of what is stored are filled, or are waited for no longer.</summary>
    public bool CachesFilled
    {
        get => _cachesFilled;
        set => _cachesFilled = value;
    }

    /// <summary>What every cluster has is there, and the cluster knows this server.</summary>
    public bool Bootstrapped
    {
        get => _bootstrapped;
        set => _bootstrapped = value;
    }

    /// <summary>The server is asked to stop; it still serves.</summary>
    public bool Stopping
    {
        get => _stopping;
        set => _stopping = value;
    }

    /// <summary>What /healthz, /livez and /readyz look at, by Kubernetes' names and in its order.</summary>
    public IReadOnlyList<HealthCheck> Checks(IKeyValueStore store) =>
    [
        new("ping", static _ => ValueTask.FromResult(true)),
        new("log", static _ => ValueTask.FromResult(true)),
        new("etcd", token => AnswersAsync(store, token)),
        new("etcd-readiness", token => AnswersAsync(store, token)) { ReadinessOnly = true },
        new("informer-sync", _ => ValueTask.FromResult(CustomResourcesServed)) { ReadinessOnly = true },
        new("poststarthook/start-apiextensions-controllers", _ => ValueTask.FromResult(CustomResourcesServed)),
        new("poststarthook/crd-informer-synced", _ => ValueTask.FromResult(CustomResourcesServed)),
        new("poststarthook/storage-readiness", _ => ValueTask.FromResult(CachesFilled)),
        new("poststarthook/start-system-namespaces-controller", _ => ValueTask.FromResult(Bootstrapped)),
        new("poststarthook/rbac/bootstrap-roles", _ => ValueTask.FromResult(Bootstrapped)),
        new("poststarthook/scheduling/bootstrap-system-priority-classes", _ => ValueTask.FromResult(Bootstrapped)),
        new("poststarthook/priority-and-fairness-config-producer", _ => ValueTask.FromResult(Bootstrapped)),
        new("poststarthook/bootstrap-controller", _ => ValueTask.FromResult(Bootstrapped)),
        new("shutdown", _ => ValueTask.FromResult(!Stopping)) { ReadinessOnly = true },
    ];

    private static async ValueTask<bool> AnswersAsync(IKeyValueStore store, CancellationToken cancellationToken)
    {
        try
        {
            await store.CheckHealthAsync(cancellationToken);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }
}
