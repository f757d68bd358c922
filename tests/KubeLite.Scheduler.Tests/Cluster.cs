using k8s;
using k8s.Models;
using KubeLite.Scheduler.Api;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Cycle;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Listers;
using KubeLite.Scheduler.Plugins;
using KubeLite.Scheduler.Plugins.DefaultBinder;
using KubeLite.Scheduler.Plugins.DefaultPreemption;
using KubeLite.Scheduler.Plugins.VolumeBinding;
using KubeLite.Scheduler.Queue;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KubeLite.Scheduler.Tests;

/// <summary>A scheduler over objects in memory, driven one Pod at a time.</summary>
internal sealed class Cluster : ISchedulerApi, IPodBinder, IPreemptor, IVolumeWriter
{
    public Cluster()
    {
        var volumes = new VolumeBindingPlugin(Listers, this, new ChangeSignal(), Time);
        var plugins = DefaultPlugins.Create(Listers, Cache.Nodes, volumes, this, this, new Random(1));
        Framework = new SchedulingFramework(plugins, Nominations);
        plugins.OfType<DefaultPreemptionPlugin>().Single().Use(Framework);
        Queue = new SchedulingQueue(
            plugins.OfType<IQueueSortPlugin>().Single(), [.. plugins.OfType<IPreEnqueuePlugin>()],
            plugins.OfType<IEventInterested>(), new SchedulingQueueOptions(), Time);
        Search = new NodeSearch(Framework, Cache.Nodes, 0, new Random(1));
        Loop = new SchedulerLoop(
            Framework, Cache, Queue, Search, this, Mailbox, Time, NullLogger<SchedulerLoop>.Instance);
        Changes = new ClusterChanges(Cache, Queue, Nominations, "default-scheduler");
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeListers Objects { get; } = new();

    public ClusterListers Listers => Objects.Listers;

    public SchedulerCache Cache { get; } = new();

    public Nominations Nominations { get; } = new();

    public SchedulingFramework Framework { get; }

    public SchedulingQueue Queue { get; }

    public NodeSearch Search { get; }

    public Mailbox Mailbox { get; } = new();

    public SchedulerLoop Loop { get; }

    public ClusterChanges Changes { get; }

    public Dictionary<string, string> Bound { get; } = [];

    public List<(string Pod, string Message, string? Nominated)> Failures { get; } = [];

    public List<(string Pod, Candidate Candidate)> Preemptions { get; } = [];

    public HashSet<string> Preempting { get; } = [];

    public Func<string, Exception?>? BindFailure { get; set; }

    /// <summary>Looks for a node without changing anything.</summary>
    public ScheduleResult Find(V1Pod pod) => Search.Find(new CycleState(), new PodInfo(pod));

    /// <summary>Why the Pod fits nowhere, in the user's words; null when it fits.</summary>
    public string? WhyNot(V1Pod pod) => Find(pod).Diagnosis?.Message();

    public Cluster Node(V1Node node)
    {
        Changes.NodeChanged(node);
        return this;
    }

    public Cluster Pod(V1Pod pod)
    {
        Changes.PodChanged(pod);
        return this;
    }

    /// <summary>Schedules everything that is ready and waits for the bindings.</summary>
    public async Task SettleAsync()
    {
        while (true)
        {
            Mailbox.Drain();
            if (Queue.Pop() is { } entry)
            {
                Loop.ScheduleOne(entry, CancellationToken.None);
                if (entry.Place == QueuePlace.InFlight && Queue.Find(entry.Pod.Uid) is not null)
                {
                    await Mailbox.WaitAsync().WaitAsync(TimeSpan.FromSeconds(10));
                }

                continue;
            }

            return;
        }
    }

    void ISchedulerApi.ReportFailure(PodInfo pod, string reason, string message, string? nominatedNode) =>
        Failures.Add((pod.Name, message, nominatedNode));

    void ISchedulerApi.RecordScheduled(PodInfo pod, string node)
    {
    }

    Task IPodBinder.BindAsync(PodInfo pod, string node, CancellationToken cancellationToken)
    {
        if (BindFailure?.Invoke(pod.Name) is { } failure)
        {
            return Task.FromException(failure);
        }

        lock (Bound)
        {
            Bound[pod.Name] = node;
        }

        return Task.CompletedTask;
    }

    bool IPreemptor.IsPreempting(string uid) => Preempting.Contains(uid);

    void IPreemptor.Begin(PodInfo pod, Candidate candidate, IReadOnlyList<PodInfo> lesser) =>
        Preemptions.Add((pod.Name, candidate));

    Task IVolumeWriter.BindAsync(V1PersistentVolume volume, V1PersistentVolumeClaim claim, CancellationToken cancellationToken)
    {
        Objects.Complete(claim, volume.Metadata.Name);
        return Task.CompletedTask;
    }

    Task IVolumeWriter.SelectNodeAsync(V1PersistentVolumeClaim claim, string node, CancellationToken cancellationToken)
    {
        Objects.Complete(claim, "provisioned-on-" + node);
        return Task.CompletedTask;
    }
}
