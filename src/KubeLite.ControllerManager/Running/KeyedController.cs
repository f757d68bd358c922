using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.ControllerRuntime.WorkQueues;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerManager.Running;

/// <summary>
/// A controller that works on one kind of key: it waits until its informers have their first list, then feeds its queue
/// to <see cref="ReconcileAsync"/>.
/// </summary>
public abstract class KeyedController<TKey> : IController, IReconciler<TKey> where TKey : notnull
{
    private readonly List<ISharedInformer> _informers = [];
    private readonly string _name;
    private readonly int _workers;

    /// <summary>Makes the queue; nothing runs yet.</summary>
    /// <param name="context">What controllers share.</param>
    /// <param name="name">As Kubernetes calls the controller; also the source of its events.</param>
    /// <param name="workers">How many keys are worked on at once.</param>
    protected KeyedController(ControllerContext context, string name, int workers)
    {
        Context = context;
        _name = name;
        _workers = workers;
        Logger = context.Logger(name);
        Queue = new RateLimitingQueue<TKey>(name, new RateLimitingQueueOptions(), context.Time);
    }

    /// <summary>What controllers share.</summary>
    protected ControllerContext Context { get; }

    /// <summary>The connection to the API server.</summary>
    protected ApiClient Client => Context.Client;

    /// <summary>The time now, UTC.</summary>
    protected DateTime Now => Context.Now;

    /// <summary>Where the controller logs.</summary>
    protected ILogger Logger { get; }

    /// <summary>The keys to work on.</summary>
    protected RateLimitingQueue<TKey> Queue { get; }

    /// <inheritdoc/>
    public abstract Task<ReconcileResult> ReconcileAsync(TKey key, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public virtual async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = Queue;
        try
        {
            foreach (var informer in _informers)
            {
                await informer.WaitForSyncAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        Synced();
        await new Controller<TKey>(_name, queue, this, _workers, Context.Time, Logger).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Called once, when every informer has its first list and before the first key is worked on.</summary>
    protected virtual void Synced()
    {
    }

    /// <summary>The shared informer of a kind; the controller won't start before it has its first list.</summary>
    protected SharedInformer<T> Watch<T>() where T : class, IKubernetesObject<V1ObjectMeta> => Await(Context.Informers.Informer<T>());

    /// <summary>Makes the controller wait for an informer.</summary>
    protected TInformer Await<TInformer>(TInformer informer) where TInformer : ISharedInformer
    {
        _informers.Add(informer);
        return informer;
    }

    /// <summary>A recorder of events from this controller.</summary>
    protected IEventRecorder NewRecorder(string? component = null) => Context.Events(component ?? _name);
}
