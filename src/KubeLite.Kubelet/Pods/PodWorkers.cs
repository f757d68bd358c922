using System.Collections.Concurrent;
using k8s.Models;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Nodes;

namespace KubeLite.Kubelet.Pods;

/// <summary>The workers of all Pods on the nodes of this process. Thread-safe.</summary>
internal sealed class PodWorkers : IContainerObserver, IResourceEventHandler<CachedObject<V1Pod>>
{
    private readonly ConcurrentDictionary<string, PodWorker> _workers = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, NodeIdentity> _nodes;
    private readonly PodHost _host;

    /// <summary>Makes the collection; the driver reports to it from now on.</summary>
    /// <param name="host">What the workers share.</param>
    /// <param name="nodes">The nodes of this process by name.</param>
    public PodWorkers(PodHost host, IReadOnlyDictionary<string, NodeIdentity> nodes)
    {
        _host = host;
        _nodes = nodes;
        host.Driver.Observe(this);
    }

    /// <summary>How many Pods there are.</summary>
    public int Count => _workers.Count;

    /// <summary>Every worker at this moment.</summary>
    public IEnumerable<PodWorker> All => _workers.Values;

    /// <summary>The worker of a Pod; null when it is not here.</summary>
    public PodWorker? Find(string uid) => _workers.GetValueOrDefault(uid);

    /// <inheritdoc/>
    public void OnAdd(CachedObject<V1Pod> item, bool initial) => Changed(item.Value, wait: initial);

    /// <inheritdoc/>
    public void OnUpdate(CachedObject<V1Pod> old, CachedObject<V1Pod> item) => Changed(item.Value, wait: false);

    /// <inheritdoc/>
    public void OnDelete(CachedObject<V1Pod> item) => Find(item.Metadata.Uid)?.Gone();

    /// <inheritdoc/>
    public void Changed(string podUid, ContainerReport report) => Find(podUid)?.Report(report);

    /// <summary>
    /// Has the workers of the first list begin, once all of it is known: what ran before this process keeps its address, and
    /// nothing new gets it first.
    /// </summary>
    public void Begin()
    {
        foreach (var worker in _workers.Values)
        {
            worker.Wake();
        }
    }

    /// <summary>Waits until no worker runs; the host's token must be cancelled.</summary>
    public Task FinishAsync() => Task.WhenAll(_workers.Values.Select(worker => worker.Work));

    private void Changed(V1Pod pod, bool wait)
    {
        if (pod.Spec.NodeName is not { Length: > 0 } name || !_nodes.TryGetValue(name, out var node))
        {
            return;
        }

        if (!_workers.TryGetValue(pod.Metadata.Uid, out var worker))
        {
            worker = new PodWorker(_host, node, pod, finished => _workers.TryRemove(finished.Uid, out _));
            _workers[pod.Metadata.Uid] = worker;
            _host.Driver.KeepAddress(node, pod);
            if (!wait)
            {
                worker.Wake();
            }

            return;
        }

        worker.Update(pod);
    }
}
