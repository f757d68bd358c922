using k8s;
using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.Scheduler.Api;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Cycle;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Plugins;
using KubeLite.Scheduler.Plugins.DefaultPreemption;
using KubeLite.Scheduler.Plugins.VolumeBinding;
using KubeLite.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler;

/// <summary>Puts the parts of a scheduler together and connects the informers to its mailbox.</summary>
internal sealed class SchedulerAssembly : IAsyncDisposable
{
    private readonly SchedulingEvents _events;
    private readonly PodStatusWriter _statuses;
    private readonly Preemptor _preemptor;
    private readonly Mailbox _mailbox = new();
    private readonly SchedulingQueue _queue;
    private readonly ChangeSignal _volumeChanges = new();

    /// <summary>Connects everything; the informers are started by the caller.</summary>
    public SchedulerAssembly(
        SchedulerOptions options,
        ApiClient client,
        SharedInformerFactory informers,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken stopping)
    {
        _events = new SchedulingEvents(
            client, $"{options.SchedulerName}-{Environment.MachineName}", time, loggers.CreateLogger<SchedulingEvents>());
        _statuses = new PodStatusWriter(client, loggers.CreateLogger<PodStatusWriter>(), stopping);
        _preemptor = new Preemptor(client, _statuses, _events, time, loggers.CreateLogger<Preemptor>(), stopping);
        var api = new SchedulerApi(client, _statuses, _events, time);
        var cache = new SchedulerCache();
        var nominations = new Nominations();
        var listers = Listers(informers);
        var volumes = new VolumeBindingPlugin(listers, new VolumeWriter(client), _volumeChanges, time);
        var plugins = DefaultPlugins.Create(listers, cache.Nodes, volumes, _preemptor, api, Random.Shared);
        var framework = new SchedulingFramework(plugins, nominations);
        plugins.OfType<DefaultPreemptionPlugin>().Single().Use(framework);
        _queue = new SchedulingQueue(
            plugins.OfType<IQueueSortPlugin>().Single(), [.. plugins.OfType<IPreEnqueuePlugin>()],
            plugins.OfType<IEventInterested>(), new SchedulingQueueOptions(), time);
        var search = new NodeSearch(framework, cache.Nodes, options.PercentageOfNodesToScore, Random.Shared);
        Loop = new SchedulerLoop(
            framework, cache, _queue, search, api, _mailbox, time, loggers.CreateLogger<SchedulerLoop>());
        _preemptor.Finished = (uid, succeeded) => _mailbox.Post(() =>
        {
            _preemptor.Forget(uid);
            _queue.Ungate(uid, force: !succeeded);
        });
        Connect(informers, new ClusterChanges(cache, _queue, nominations, options.SchedulerName), volumes);
    }

    /// <summary>The loop; run by whoever leads.</summary>
    public SchedulerLoop Loop { get; }

    /// <summary>Waits for what is being written. The loop must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _preemptor.FinishAsync();
        await _statuses.FinishAsync();
        await _events.DisposeAsync();
    }

    private static ClusterListers Listers(SharedInformerFactory informers) => new()
    {
        Namespaces = new InformerLister<V1Namespace>(informers.Informer<V1Namespace>()),
        Services = new InformerLister<V1Service>(informers.Informer<V1Service>()),
        ReplicationControllers = new InformerLister<V1ReplicationController>(informers.Informer<V1ReplicationController>()),
        ReplicaSets = new InformerLister<V1ReplicaSet>(informers.Informer<V1ReplicaSet>()),
        StatefulSets = new InformerLister<V1StatefulSet>(informers.Informer<V1StatefulSet>()),
        DisruptionBudgets = new InformerLister<V1PodDisruptionBudget>(informers.Informer<V1PodDisruptionBudget>()),
        Claims = new InformerLister<V1PersistentVolumeClaim>(informers.Informer<V1PersistentVolumeClaim>()),
        Volumes = new InformerLister<V1PersistentVolume>(informers.Informer<V1PersistentVolume>()),
        StorageClasses = new InformerLister<V1StorageClass>(informers.Informer<V1StorageClass>()),
        CsiNodes = new InformerLister<V1CSINode>(informers.Informer<V1CSINode>()),
        CsiDrivers = new InformerLister<V1CSIDriver>(informers.Informer<V1CSIDriver>()),
        StorageCapacities = new InformerLister<V1CSIStorageCapacity>(informers.Informer<V1CSIStorageCapacity>()),
    };

    private void Connect(SharedInformerFactory informers, ClusterChanges changes, VolumeBindingPlugin volumes)
    {
        var nodes = new ResourceEventHandler<V1Node>(
            node => _mailbox.Post(() => changes.NodeChanged(node.Value)),
            (_, node) => _mailbox.Post(() => changes.NodeChanged(node.Value)),
            node => _mailbox.Post(() => changes.NodeDeleted(node.Value)));
        var pods = new ResourceEventHandler<V1Pod>(
            pod => _mailbox.Post(() => changes.PodChanged(pod.Value)),
            (_, pod) => _mailbox.Post(() => changes.PodChanged(pod.Value)),
            pod => _mailbox.Post(() => changes.PodDeleted(pod.Value)));
        informers.Informer<V1Node>().AddHandler(nodes);

        // Pods that have ended need no room, so they are not even watched.
        var running = new InformerSelection(FieldSelector: "status.phase!=Succeeded,status.phase!=Failed");
        informers.Informer<V1Pod>(running).AddHandler(pods);
        Forward<V1Namespace>(informers, EventResource.Namespace, null);
        Forward<V1StorageClass>(informers, EventResource.StorageClass, null);
        Forward<V1CSINode>(informers, EventResource.CsiNode, null);
        Forward<V1CSIStorageCapacity>(informers, EventResource.CsiStorageCapacity, null);
        Forward<V1PersistentVolumeClaim>(informers, EventResource.PersistentVolumeClaim, _ => _volumeChanges.Pulse());
        Forward<V1PersistentVolume>(informers, EventResource.PersistentVolume, volume =>
        {
            volumes.Confirm(volume);
            _volumeChanges.Pulse();
        });
    }

    private void Forward<T>(SharedInformerFactory informers, EventResource resource, Action<T>? first)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        void Post(EventAction action, CachedObject<T>? old, CachedObject<T>? now) => _mailbox.Post(() =>
        {
            first?.Invoke((now ?? old)!.Value);
            _queue.Happened(new ClusterEvent(resource, action, old?.Value, now?.Value));
        });

        informers.Informer<T>().AddHandler(new ResourceEventHandler<T>(
            item => Post(EventAction.Add, null, item),
            (old, item) => Post(EventAction.Update, old, item),
            item => Post(EventAction.Delete, item, null)));
    }
}
