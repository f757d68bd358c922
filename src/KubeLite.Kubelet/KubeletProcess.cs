using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Informers;
using KubeLite.Hosting;
using KubeLite.Hosting.Diagnostics;
using KubeLite.Kubelet.Drivers;
using KubeLite.Kubelet.Drivers.Simulated;
using KubeLite.Kubelet.Nodes;
using KubeLite.Kubelet.Pods;
using KubeLite.Kubelet.Streaming;
using KubeLite.Kubelet.Timing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet;

/// <summary>
/// The kubelet: registers its nodes and runs the Pods that are bound to them, with one watch for all of its nodes.
/// <see cref="StartAsync"/> returns when every node is registered and its Pods are known.
/// </summary>
public sealed class KubeletProcess : IServerProcess
{
    /// <summary>Of more nodes than that nobody reads what each says as it starts.</summary>
    private const int MaxNodesThatTell = 100;

    private readonly KubeletOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private readonly DiagnosticsListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<Func<Task>> _cleanup = [];
    private KubeletServer? _server;
    private PodWorkers? _workers;
    private int _stopped;
    private volatile bool _ready;

    /// <summary>Prepares a kubelet; nothing happens before <see cref="StartAsync"/>.</summary>
    public KubeletProcess(KubeletOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _loggers = loggers;
        _time = time;
        _listener = new DiagnosticsListener(Name, options.Server, () => _ready, AnswerAsync, loggers, time);
    }

    /// <inheritdoc/>
    public string Name => "kubelite-kubelet";

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.Driver != "simulated")
        {
            throw new StartupException($"there is no driver \"{_options.Driver}\": set --driver=simulated");
        }

        if (_options.Nodes is < 1 or > 16_000)
        {
            throw new StartupException($"--nodes is {_options.Nodes}: set it to a number from 1 to 16000");
        }

        var client = await ConnectAsync(cancellationToken);
        await _listener.StartAsync(cancellationToken);
        _cleanup.Push(() => _listener.StopAsync(CancellationToken.None));
        var deadlines = new DeadlineQueue(_time);
        Push(deadlines.Dispose);
        var driver = new SimulatedDriver(deadlines, _time);
        _cleanup.Push(() => driver.DisposeAsync().AsTask());
        var identities = Identities();
        var events = new KubeletEvents(client, _options.RecordEvents, _time, _loggers.CreateLogger<KubeletEvents>());
        _cleanup.Push(() => events.DisposeAsync().AsTask());
        StartWorkers(client, driver, deadlines, identities, events);
        var informers = new SharedInformerFactory(client, _time, _loggers);
        _cleanup.Push(() => informers.DisposeAsync().AsTask());

        // One watch serves all nodes; a single node has the server leave out the others' Pods.
        var selector = identities.Count == 1 ? $"spec.nodeName={identities[0].Name}" : "spec.nodeName!=";
        var pods = informers.Informer<V1Pod>(new InformerSelection(FieldSelector: selector));
        _server = new KubeletServer(pods.Store, _workers!, driver, _time);
        var agents = await StartNodesAsync(client, driver, deadlines, identities, cancellationToken);
        foreach (var agent in agents.Take(MaxNodesThatTell))
        {
            events.RecordStart(agent.Node, agent.BecameReady);
        }

        pods.AddHandler(_workers!);
        informers.Start();
        await informers.WaitForSyncAsync(cancellationToken);
        _workers!.Begin();
        _ready = true;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            await _completion.Task;
            return;
        }

        _ready = false;
        await _stop.CancelAsync();
        while (_cleanup.TryPop(out var step))
        {
            await step();
        }

        _completion.TrySetResult();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        await _listener.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<ApiClient> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var options = _options.Client ?? await Kubeconfig.LoadAsync(_options.Kubeconfig, "kubelet", cancellationToken);
            var client = new ApiClient(options, _time);
            Push(client.Dispose);
            return client;
        }
        catch (KubeconfigException e)
        {
            throw new StartupException(e.Message + " Set --kubeconfig to a kubeconfig file.", e);
        }
    }

    private void StartWorkers(
        ApiClient client, SimulatedDriver driver, DeadlineQueue deadlines, IReadOnlyList<NodeIdentity> identities, KubeletEvents events)
    {
        var api = new PodApi(client);
        Push(api.Dispose);
        var host = new PodHost(driver, api, events, deadlines, _time, _loggers.CreateLogger<PodHost>(), _stop.Token);
        _workers = new PodWorkers(host, identities.ToDictionary(node => node.Name, StringComparer.Ordinal));
        _cleanup.Push(_workers.FinishAsync);
    }

    private async Task<IReadOnlyList<NodeAgent>> StartNodesAsync(
        ApiClient client,
        SimulatedDriver driver,
        DeadlineQueue deadlines,
        IReadOnlyList<NodeIdentity> identities,
        CancellationToken cancellationToken)
    {
        var template = new NodeObject(_options, driver.RuntimeVersion, _listener.Port, _time);
        var agents = new List<NodeAgent>(identities.Count);
        foreach (var identity in identities)
        {
            agents.Add(new NodeAgent(identity, template, client, _options, _time));
        }

        var keeper = new NodeAgents(agents, _options, deadlines, _time, _loggers.CreateLogger<NodeAgents>());
        _cleanup.Push(() => keeper.DisposeAsync().AsTask());
        await keeper.StartAsync(cancellationToken);
        return agents;
    }

    private List<NodeIdentity> Identities()
    {
        var result = new List<NodeIdentity>(_options.Nodes);
        for (var i = 0; i < _options.Nodes; i++)
        {
            var name = _options is { Nodes: 1, NodeName: { Length: > 0 } own } ? own : $"{_options.NodeNamePrefix}-{i}";
            result.Add(new NodeIdentity(name, i));
        }

        return result;
    }

    private Task<bool> AnswerAsync(HttpContext context) => _server?.AnswerAsync(context) ?? Task.FromResult(false);

    private void Push(Action step) => _cleanup.Push(() =>
    {
        step();
        return Task.CompletedTask;
    });
}
