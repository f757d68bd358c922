using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet.Pods;

/// <summary>
/// Brings one Pod from its binding to its end. It is woken by changes of the Pod, reports of the driver and deadlines; then it
/// does what is due and writes the status if that changed. It runs at most once at a time, on the thread pool, and holds
/// nothing while it sleeps.
/// </summary>
internal sealed partial class PodWorker : IThreadPoolWorkItem
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly PodHost _host;
    private readonly PodLifecycle _lifecycle;
    private readonly Action<PodWorker> _finished;

    // Guards what others set: the inbox and whether a run is under way.
    private readonly Lock _lock = new();
    private readonly List<ContainerReport> _reports = [];
    private V1Pod _pod;
    private bool _gone;
    private bool _dirty;
    private bool _running;
    private Task _work = Task.CompletedTask;

    // Touched by the run only.
    private V1PodStatus? _written;
    private TimeSpan _delay = s_retry;
    private bool _removed;

    /// <summary>Makes the worker of a Pod; it sleeps until it is woken.</summary>
    /// <param name="host">What the workers share.</param>
    /// <param name="node">The Pod's node.</param>
    /// <param name="pod">The Pod.</param>
    /// <param name="finished">Called once when nothing is left of the Pod.</param>
    public PodWorker(PodHost host, NodeIdentity node, V1Pod pod, Action<PodWorker> finished)
    {
        _host = host;
        _pod = pod;
        _finished = finished;
        _lifecycle = new PodLifecycle(host, node, Wake);
        Uid = pod.Metadata.Uid;
    }

    /// <summary>The Pod's identity.</summary>
    public string Uid { get; }

    /// <summary>The status as it was last made; null before the first time.</summary>
    public V1PodStatus? Status { get; private set; }

    /// <summary>The Pod as it was last seen.</summary>
    public V1Pod Pod
    {
        get
        {
            lock (_lock)
            {
                return _pod;
            }
        }
    }

    /// <summary>The run that is under way, or the last one.</summary>
    public Task Work
    {
        get
        {
            lock (_lock)
            {
                return _work;
            }
        }
    }

    /// <summary>The Pod has changed.</summary>
    public void Update(V1Pod pod)
    {
        lock (_lock)
        {
            _pod = pod;
        }

        Wake();
    }

    /// <summary>The Pod is no longer in the API.</summary>
    public void Gone()
    {
        lock (_lock)
        {
            _gone = true;
        }

        Wake();
    }

    /// <summary>The driver reports.</summary>
    public void Report(ContainerReport report)
    {
        lock (_lock)
        {
            _reports.Add(report);
        }

        Wake();
    }

    /// <summary>Has the worker look at its Pod.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            _dirty = true;
            if (_running)
            {
                return;
            }

            _running = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var work = RunAsync();
        lock (_lock)
        {
            _work = work;
        }
    }

    private async Task RunAsync()
    {
        var reports = new List<ContainerReport>();
        while (true)
        {
            V1Pod pod;
            bool gone;
            lock (_lock)
            {
                if (!_dirty || _host.Stopping.IsCancellationRequested)
                {
                    _running = false;
                    return;
                }

                _dirty = false;
                pod = _pod;
                gone = _gone;
                reports.Clear();
                reports.AddRange(_reports);
                _reports.Clear();
            }

            try
            {
                await StepAsync(pod, gone, reports);
                _delay = s_retry;
            }
            catch (OperationCanceledException) when (_host.Stopping.IsCancellationRequested)
            {
                // The next turn of the loop ends it.
            }
            catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or PodDriverException)
            {
                Failed(_host.Logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Spec.NodeName, e.Message);
                _host.Deadlines.Schedule(_delay, Wake);
                _delay = _delay + _delay < s_longestRetry ? _delay + _delay : s_longestRetry;
            }
            catch (Exception e)
            {
                Unexpected(_host.Logger, e, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Spec.NodeName);
                _host.Deadlines.Schedule(s_longestRetry, Wake);
            }
        }
    }

    private async ValueTask StepAsync(V1Pod pod, bool gone, List<ContainerReport> reports)
    {
        if (_removed)
        {
            return;
        }

        await _lifecycle.AdvanceAsync(pod, gone, reports, _host.Stopping);
        if (gone)
        {
            if (!_lifecycle.IsAlive)
            {
                await RemoveAsync(pod);
            }

            return;
        }

        lock (_lock)
        {
            if (_dirty)
            {
                // More has happened meanwhile; one status says it all.
                return;
            }
        }

        await PublishAsync(pod);
        if (pod.Metadata.DeletionTimestamp is not null && !_lifecycle.IsAlive)
        {
            await _host.Api.DeleteAsync(pod, _host.Stopping);
            await RemoveAsync(pod);
        }
    }

    private async ValueTask PublishAsync(V1Pod pod)
    {
        if (_lifecycle.Build(pod) is not { } status)
        {
            return;
        }

        Status = status;

        // The Pod at hand may be older than what was written last.
        if (PodStatusComparer.IsIn(status, pod.Status) || (_written is not null && PodStatusComparer.IsIn(status, _written)))
        {
            return;
        }

        await _host.Api.WriteStatusAsync(pod, status, _host.Stopping);
        _written = status;
    }

    private async ValueTask RemoveAsync(V1Pod pod)
    {
        _removed = true;
        await _lifecycle.RemoveAsync(pod, _host.Stopping);
        _finished(this);
    }

    [LoggerMessage(1, LogLevel.Warning, "Pod {Namespace}/{Name} on {Node} is tried again: {Error}")]
    private static partial void Failed(ILogger logger, string @namespace, string name, string node, string error);

    [LoggerMessage(2, LogLevel.Error, "Pod {Namespace}/{Name} on {Node} is tried again after an unexpected error")]
    private static partial void Unexpected(ILogger logger, Exception exception, string @namespace, string name, string node);
}
