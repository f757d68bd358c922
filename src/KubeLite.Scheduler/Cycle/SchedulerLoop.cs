using KubeLite.ControllerRuntime.Client;
using KubeLite.Scheduler.Api;
using KubeLite.Scheduler.Cache;
using KubeLite.Scheduler.Events;
using KubeLite.Scheduler.Framework;
using KubeLite.Scheduler.Queue;
using Microsoft.Extensions.Logging;

namespace KubeLite.Scheduler.Cycle;

/// <summary>
/// Takes Pod after Pod from the queue and finds it a node. It alone touches queue, cache and plugins; everyone else posts to
/// its <see cref="Mailbox"/>. Bindings run beside it.
/// </summary>
internal sealed partial class SchedulerLoop(
    SchedulingFramework framework,
    SchedulerCache cache,
    SchedulingQueue queue,
    NodeSearch search,
    ISchedulerApi api,
    Mailbox mailbox,
    TimeProvider time,
    ILogger<SchedulerLoop> logger)
{
    // Bindings under way; owned by the loop.
    private readonly HashSet<Task> _bindings = [];

    /// <summary>Runs until cancelled; then waits for the bindings that are under way.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            mailbox.Drain();
            if (queue.Pop() is { } entry)
            {
                TryOne(entry, cancellationToken);
                continue;
            }

            SchedulerMetrics.Pending(queue.ActiveCount, queue.BackoffCount, queue.UnschedulableCount);
            await WaitAsync(cancellationToken);

            // The thread pool runs first what came last: events of other watches that have arrived as well get their turn
            // before the decision that a Pod's event leads to.
            await Task.Yield();
            queue.Flush();
        }

        await Task.WhenAll([.. _bindings]);
        mailbox.Drain();
    }

    /// <summary>Tries one Pod now; for the loop and for tests.</summary>
    public void ScheduleOne(QueuedPod entry, CancellationToken cancellationToken)
    {
        var pod = entry.Pod;
        if (pod.IsTerminating || cache.IsAssumed(pod.Uid))
        {
            queue.Remove(pod.Uid);
            return;
        }

        var start = time.GetTimestamp();
        var state = new CycleState();
        var result = search.Find(state, pod);
        if (result.Node is null)
        {
            Fail(entry, state, result);
            SchedulerMetrics.Attempted(result.Status.IsRejected ? "unschedulable" : "error", time.GetElapsedTime(start));
            return;
        }

        cache.Assume(pod, result.Node);
        var status = framework.Reserve(state, pod, result.Node);
        List<Task<Status>>? permissions = null;
        if (status.IsSuccess)
        {
            status = framework.Permit(state, pod, result.Node, out permissions);
            if (!status.IsSuccess)
            {
                framework.Unreserve(state, pod, result.Node);
            }
        }

        if (!status.IsSuccess)
        {
            cache.Forget(pod);
            FailOnNode(entry, result.Node, status);
            return;
        }

        framework.Nominations.Remove(pod.Uid);
        Bind(entry, state, result.Node, permissions, start, cancellationToken);
    }

    /// <summary>A Pod that a plugin stumbles over must not stop the scheduling of all others.</summary>
    private void TryOne(QueuedPod entry, CancellationToken cancellationToken)
    {
        try
        {
            ScheduleOne(entry, cancellationToken);
        }
        catch (Exception e)
        {
            Unexpected(logger, e, entry.Pod.Namespace, entry.Pod.Name);
            cache.Forget(entry.Pod);
            queue.AddAfterError(entry);
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var arrival = mailbox.WaitAsync();
        try
        {
            if (queue.NextDeadline() is not { } deadline)
            {
                await arrival.WaitAsync(cancellationToken);
                return;
            }

            var delay = deadline - time.GetUtcNow();
            if (delay > TimeSpan.Zero)
            {
                await arrival.WaitAsync(delay, time, cancellationToken);
            }
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The loop looks for what has become due, or ends.
        }
    }

    private void Bind(
        QueuedPod entry,
        CycleState state,
        string node,
        List<Task<Status>>? permissions,
        long start,
        CancellationToken cancellationToken)
    {
        var binding = Task.Run(() => BindAsync(state, entry.Pod, node, permissions, cancellationToken), CancellationToken.None);
        _bindings.Add(binding);
        binding.ContinueWith(
            done => mailbox.Post(() => Bound(entry, state, node, done, start)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task<Status> BindAsync(
        CycleState state, PodInfo pod, string node, List<Task<Status>>? permissions, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var permission in permissions ?? [])
            {
                var status = await permission.WaitAsync(cancellationToken);
                if (!status.IsSuccess)
                {
                    return status;
                }
            }

            return await framework.BindAsync(state, pod, node, cancellationToken);
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            return Status.Error("", e.Message);
        }
    }

    private void Bound(QueuedPod entry, CycleState state, string node, Task<Status> binding, long start)
    {
        _bindings.Remove(binding);
        var status = binding.IsCompletedSuccessfully ? binding.Result : Status.Error("", binding.Exception!.GetBaseException().Message);
        if (status.IsSuccess)
        {
            queue.Remove(entry.Pod.Uid);
            framework.PostBind(state, entry.Pod, node);
            api.RecordScheduled(entry.Pod, node);
            SchedulerMetrics.Attempted("scheduled", time.GetElapsedTime(start));
            return;
        }

        framework.Unreserve(state, entry.Pod, node);
        if (!cache.Forget(entry.Pod))
        {
            // The informer has told of the binding, or of the Pod's end, before the failure came.
            queue.Remove(entry.Pod.Uid);
            return;
        }

        BindingFailed(logger, entry.Pod.Namespace, entry.Pod.Name, node, status.Message);
        queue.Happened(new ClusterEvent(EventResource.AssignedPod, EventAction.Delete, entry.Pod, null));
        FailOnNode(entry, node, status);
        SchedulerMetrics.Attempted("error", time.GetElapsedTime(start));
    }

    private void Fail(QueuedPod entry, CycleState state, ScheduleResult result)
    {
        if (result.Diagnosis is not { } diagnosis)
        {
            framework.Nominations.Remove(entry.Pod.Uid);
            Park(entry, result.Status, result.Status.Message, [], "");
            return;
        }

        var status = framework.PostFilter(state, entry.Pod, diagnosis, out var nominated);
        diagnosis.PostFilterMessage = status.IsSuccess ? "" : status.Message;
        if (nominated is not null)
        {
            framework.Nominations.Set(entry.Pod, nominated);
        }

        Park(entry, result.Status, diagnosis.Message(), diagnosis.Plugins, nominated);
    }

    private void FailOnNode(QueuedPod entry, string node, Status status)
    {
        if (!status.IsRejected)
        {
            Park(entry, status, status.Message, [], "");
            return;
        }

        var diagnosis = new Diagnosis(1);
        diagnosis.Set(node, status);
        Park(entry, status, diagnosis.Message(), diagnosis.Plugins, "");
    }

    private void Park(QueuedPod entry, Status status, string message, IEnumerable<string> plugins, string? nominatedNode)
    {
        var pod = entry.Pod;
        if (status.IsRejected)
        {
            queue.AddUnschedulable(entry, plugins);
        }
        else
        {
            queue.AddAfterError(entry);
        }

        NotScheduled(logger, pod.Namespace, pod.Name, message);
        api.ReportFailure(pod, status.IsRejected ? "Unschedulable" : "SchedulerError", message, nominatedNode);
    }

    [LoggerMessage(1, LogLevel.Debug, "Pod {Namespace}/{Name} was not scheduled: {Message}")]
    private static partial void NotScheduled(ILogger logger, string @namespace, string name, string message);

    [LoggerMessage(3, LogLevel.Error, "Pod {Namespace}/{Name} is tried again after an unexpected error")]
    private static partial void Unexpected(ILogger logger, Exception exception, string @namespace, string name);

    [LoggerMessage(2, LogLevel.Warning, "Pod {Namespace}/{Name} could not be bound to {Node}: {Error}")]
    private static partial void BindingFailed(ILogger logger, string @namespace, string name, string node, string error);
}
