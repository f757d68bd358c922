using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using k8s.Models;
using KubeLite.ControllerRuntime.Objects;
using KubeLite.Kubelet.Nodes;
using KubeLite.Kubelet.Timing;

namespace KubeLite.Kubelet.Drivers.Simulated;

/// <summary>
/// Pretends to run containers: they start, become ready and end when their <see cref="SimulatedBehaviour"/> says so. All the
/// nodes of a process share one; a container costs an entry in the deadline queue.
/// </summary>
public sealed class SimulatedDriver(DeadlineQueue deadlines, TimeProvider time) : IPodDriver
{
    private const string Scheme = "simulated://";
    private const int FirstAddress = 2;
    private const int LastAddress = 254;
    private const int ExitKilled = 137;

    private readonly ConcurrentDictionary<string, SimulatedContainer> _containers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AddressPool> _addresses = new(StringComparer.Ordinal);
    private IContainerObserver? _observer;

    /// <inheritdoc/>
    public string RuntimeVersion => Scheme + "0.1.0";

    /// <inheritdoc/>
    public void Observe(IContainerObserver observer) => _observer = observer;

    /// <inheritdoc/>
    public void KeepAddress(NodeIdentity node, V1Pod pod)
    {
        if (pod.Spec.HostNetwork != true && !PodConditions.IsTerminal(pod) && pod.Status?.PodIP is { Length: > 0 } address)
        {
            Pool(node).Take(pod.Metadata.Uid, address);
        }
    }

    /// <inheritdoc/>
    public ValueTask<PodSandbox> EnsureSandboxAsync(NodeIdentity node, V1Pod pod, CancellationToken cancellationToken)
    {
        if (pod.Spec.HostNetwork == true)
        {
            return ValueTask.FromResult(new PodSandbox(pod.Metadata.Uid, NodeIdentity.HostAddress));
        }

        return ValueTask.FromResult(new PodSandbox(pod.Metadata.Uid, Pool(node).Take(pod.Metadata.Uid, pod.Status?.PodIP)));
    }

    /// <inheritdoc/>
    public ValueTask<ContainerHandle> StartContainerAsync(ContainerStart start, CancellationToken cancellationToken)
    {
        var id = Scheme + Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{start.Pod.Metadata.Uid}/{start.Name}/{start.Attempt}")));
        var behaviour = SimulatedBehaviour.Of(start);
        var container = new SimulatedContainer(id, start.Pod.Metadata.Uid, behaviour);
        _containers[id] = container;
        Run(container, time.GetUtcNow() + behaviour.StartupDelay);
        return ValueTask.FromResult(new ContainerHandle(id, ImageId(start.Image)));
    }

    /// <inheritdoc/>
    public ValueTask<bool> AdoptContainerAsync(
        ContainerStart start, string containerId, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        if (!containerId.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return ValueTask.FromResult(false);
        }

        var container = new SimulatedContainer(containerId, start.Pod.Metadata.Uid, SimulatedBehaviour.Of(start));
        if (_containers.TryAdd(containerId, container))
        {
            Run(container, startedAt);
        }

        return ValueTask.FromResult(true);
    }

    /// <inheritdoc/>
    public ValueTask StopContainerAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (_containers.TryGetValue(containerId, out var container))
        {
            var killed = container.Behaviour.StopDelay > grace;
            var delay = killed ? grace : container.Behaviour.StopDelay;
            var code = killed || grace <= TimeSpan.Zero ? ExitKilled : 0;
            At(time.GetUtcNow() + delay, () => Exit(container, code));
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemovePodAsync(NodeIdentity node, V1Pod pod, CancellationToken cancellationToken)
    {
        if (_addresses.TryGetValue(node.Name, out var pool))
        {
            pool.Return(pod.Metadata.Uid);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task WriteLogAsync(
        V1Pod pod, string container, string containerId, LogRequest request, Stream output, CancellationToken cancellationToken)
    {
        var lines = SimulatedLog.Lines(pod, container, containerId, time.GetUtcNow());
        await SimulatedLog.WriteAsync(lines, request, output, cancellationToken);
        if (request.Follow && _containers.TryGetValue(containerId, out var running))
        {
            await output.FlushAsync(cancellationToken);
            await running.Ended.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private AddressPool Pool(NodeIdentity node) => _addresses.GetOrAdd(node.Name, static (_, identity) => new AddressPool(identity), node);

    private void Run(SimulatedContainer container, DateTimeOffset startAt) => At(startAt, () =>
    {
        if (container.HasEnded)
        {
            return;
        }

        Report(container, new ContainerReport(container.Id, ContainerChange.Running, startAt));
        At(startAt + container.Behaviour.ReadyDelay, () =>
        {
            if (!container.HasEnded)
            {
                Report(container, new ContainerReport(container.Id, ContainerChange.Ready, startAt + container.Behaviour.ReadyDelay));
            }
        });
        if (container.Behaviour.RunDuration is { } duration)
        {
            At(startAt + duration, () => Exit(container, container.Behaviour.ExitCode));
        }
    });

    /// <summary>Runs at once what is due, so that an undelayed start needs no turn of the queue.</summary>
    private void At(DateTimeOffset when, Action action)
    {
        if (when <= time.GetUtcNow())
        {
            action();
        }
        else
        {
            deadlines.Schedule(when, action);
        }
    }

    private void Exit(SimulatedContainer container, int code)
    {
        if (container.End())
        {
            _containers.TryRemove(container.Id, out _);
            Report(container, new ContainerReport(container.Id, ContainerChange.Exited, time.GetUtcNow(), code));
        }
    }

    private void Report(SimulatedContainer container, ContainerReport report) => _observer?.Changed(container.PodUid, report);

    private static string ImageId(string image) =>
        Scheme + image + "@sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)));

    /// <summary>The addresses of one node.</summary>
    private sealed class AddressPool(NodeIdentity node)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, string> _byPod = new(StringComparer.Ordinal);
        private readonly HashSet<string> _used = new(StringComparer.Ordinal);
        private int _next = FirstAddress;

        public string Take(string uid, string? wanted)
        {
            lock (_lock)
            {
                if (_byPod.TryGetValue(uid, out var present))
                {
                    return present;
                }

                var address = !string.IsNullOrEmpty(wanted) && _used.Add(wanted) ? wanted : Free();
                _byPod[uid] = address;
                return address;
            }
        }

        public void Return(string uid)
        {
            lock (_lock)
            {
                if (_byPod.Remove(uid, out var address))
                {
                    _used.Remove(address);
                }
            }
        }

        private string Free()
        {
            for (var tried = FirstAddress; tried <= LastAddress; tried++)
            {
                var address = node.PodAddress(_next);
                _next = _next == LastAddress ? FirstAddress : _next + 1;
                if (_used.Add(address))
                {
                    return address;
                }
            }

            throw new PodDriverException("FailedCreatePodSandBox", $"no address is left in {node.PodRange}");
        }
    }
}
