using k8s.Models;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Queue;
using Xunit;

namespace KubeLite.Scheduler.Tests.Queue;

public sealed class SchedulingQueueTests
{
    private readonly Cluster _cluster = new();

    private SchedulingQueue Queue => _cluster.Queue;

    [Fact]
    public void Pop_HigherPriority_ComesFirst()
    {
        Add("low", 1);
        Add("high", 2);
        Add("middle", 1);

        Assert.Equal("high low middle", $"{Pop()} {Pop()} {Pop()}");
        Assert.Null(Queue.Pop());
    }

    [Fact]
    public void Unschedulable_NothingHappens_WaitsFiveMinutes()
    {
        Reject("NodeResourcesFit");
        _cluster.Time.Advance(TimeSpan.FromMinutes(4.9));
        Queue.Flush();
        Assert.Null(Queue.Pop());

        Assert.Equal(_cluster.Time.GetUtcNow() + TimeSpan.FromMinutes(0.1), Queue.NextDeadline()!.Value, TimeSpan.FromMilliseconds(1));
        _cluster.Time.Advance(TimeSpan.FromMinutes(0.2));
        Queue.Flush();
        Assert.NotNull(Queue.Pop());
    }

    [Fact]
    public void Happened_InterestingToTheRejectingPlugin_Requeues()
    {
        Reject("NodeResourcesFit");
        Queue.Happened(new ClusterEvent(EventResource.PersistentVolume, EventAction.Add, null, null));
        Assert.Equal(1, Queue.UnschedulableCount);

        Queue.Happened(new ClusterEvent(EventResource.AssignedPod, EventAction.Delete, new PodInfo(Make.Pod("y", "a")), null));
        Assert.Equal(0, Queue.UnschedulableCount);
    }

    [Fact]
    public void Happened_HintSaysUseless_Stays()
    {
        Reject("NodeResourcesFit", Make.Pod("x", null, "16"));
        Queue.Happened(new ClusterEvent(EventResource.Node, EventAction.Add, null, Make.Node("small")));
        Assert.Equal(1, Queue.UnschedulableCount);

        Queue.Happened(new ClusterEvent(EventResource.Node, EventAction.Add, null, Make.Node("large", "32")));
        Assert.Equal(0, Queue.UnschedulableCount);
    }

    [Fact]
    public void Backoff_OtherPodsActive_WaitsItsTime()
    {
        Reject("NodeResourcesFit");
        Queue.Happened(new ClusterEvent(EventResource.AssignedPod, EventAction.Delete, new PodInfo(Make.Pod("y", "a")), null));
        Assert.Equal(1, Queue.BackoffCount);
        Add("other", 0);

        Assert.Equal("other", Pop());
        Assert.Equal("x", Pop());
    }

    [Fact]
    public void Backoff_AfterErrors_DoublesUpToTenSeconds()
    {
        Add("x", 0);
        foreach (var seconds in (int[])[1, 2, 4, 8, 10, 10])
        {
            var entry = Queue.Pop()!;
            Queue.AddAfterError(entry);
            _cluster.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Null(Queue.Pop());
            _cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(1, Queue.ActiveCount + Queue.BackoffCount);
        }
    }

    [Fact]
    public void Gates_KeepThePodOutUntilTheyGo()
    {
        var pod = Make.Pod("x");
        pod.Spec.SchedulingGates = [new V1PodSchedulingGate { Name = "a.com/g" }];
        Queue.Add(new PodInfo(pod));
        Assert.Null(Queue.Pop());

        var open = Make.Pod("x");
        open.Metadata.Uid = pod.Metadata.Uid;
        Queue.Update(new PodInfo(open));
        Assert.Equal("x", Pop());
    }

    [Fact]
    public void Preempting_PodIsHeldBackUntilItIsDone()
    {
        var pod = Make.Pod("x");
        _cluster.Preempting.Add(pod.Metadata.Uid);
        Reject("NodeResourcesFit", pod, inQueue: true);
        Queue.Happened(new ClusterEvent(EventResource.AssignedPod, EventAction.Delete, new PodInfo(Make.Pod("y", "a")), null));
        Assert.Null(Queue.Pop());

        _cluster.Preempting.Clear();
        Queue.Ungate(pod.Metadata.Uid, force: false);
        Assert.Equal("x", Pop());
    }

    [Fact]
    public async Task BindingFails_PodComesBackAndItsRoomIsFree()
    {
        _cluster.BindFailure = name => name == "x" ? new HttpRequestException("down") : null;
        _cluster.Node(Make.Node("a")).Pod(Make.Pod("x", null, "4"));
        await _cluster.SettleAsync();
        Assert.Equal(0, _cluster.Cache.PodCount);

        _cluster.BindFailure = null;
        _cluster.Time.Advance(TimeSpan.FromSeconds(2));
        await _cluster.SettleAsync();
        Assert.Equal("a", _cluster.Bound["x"]);
    }

    private string? Pop() => Queue.Pop()?.Pod.Name;

    private void Add(string name, int priority)
    {
        Queue.Add(new PodInfo(Make.Pod(name, priority: priority)));
        _cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
    }

    private void Reject(string plugin, V1Pod? pod = null, bool inQueue = false)
    {
        pod ??= Make.Pod("x");
        if (inQueue)
        {
            _cluster.Preempting.Remove(pod.Metadata.Uid);
        }

        Queue.Add(new PodInfo(pod));
        var entry = Queue.Pop()!;
        if (inQueue)
        {
            _cluster.Preempting.Add(pod.Metadata.Uid);
        }

        Queue.AddUnschedulable(entry, [plugin]);
    }
}
