using System.Threading.Channels;
using KubeLite.ControllerRuntime.Client;
using KubeLite.Kubelet.Timing;
using Microsoft.Extensions.Logging;

namespace KubeLite.Kubelet.Nodes;

/// <summary>
/// Keeps the Nodes and Leases of all nodes of this process with a few writers: a node that is due goes into a channel, whoever
/// is free serves it, and its next time goes into the deadline queue.
/// </summary>
internal sealed partial class NodeAgents : IAsyncDisposable
{
    private const int Writers = 16;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<NodeAgent> _agents;
    private readonly KubeletOptions _options;
    private readonly DeadlineQueue _deadlines;
    private readonly TimeProvider _time;
    private readonly ILogger<NodeAgents> _logger;
    private readonly Channel<NodeAgent> _due;
    private readonly CancellationTokenSource _stop = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>Prepares the agents.</summary>
    public NodeAgents(
        IReadOnlyList<NodeAgent> agents, KubeletOptions options, DeadlineQueue deadlines, TimeProvider time, ILogger<NodeAgents> logger)
    {
        _agents = agents;
        _options = options;
        _deadlines = deadlines;
        _time = time;
        _logger = logger;

        // A node is in the channel at most once, so there is always room.
        _due = Channel.CreateBounded<NodeAgent>(
            new BoundedChannelOptions(agents.Count) { FullMode = BoundedChannelFullMode.Wait });
    }

    /// <summary>Registers every node, trying again until that succeeds, and keeps them from then on.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_agents, options, async (agent, token) => await RegisterAsync(agent, token));
        var writers = new Task[Math.Min(Writers, _agents.Count)];
        for (var i = 0; i < writers.Length; i++)
        {
            writers[i] = Task.Run(WriteAsync, CancellationToken.None);
        }

        _writing = Task.WhenAll(writers);
        foreach (var agent in _agents)
        {
            // Spread over the interval, so that a thousand nodes do not all write in the same moment.
            Schedule(agent, _options.LeaseInterval * Random.Shared.NextDouble());
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        _stop.Dispose();
    }

    private async Task RegisterAsync(NodeAgent agent, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await agent.RegisterAsync(cancellationToken);
                await agent.RenewLeaseAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (IsTransient(e))
            {
                Failed(_logger, agent.Node.Name, e.Message);
                await Task.Delay(s_retry, _time, cancellationToken);
            }
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var agent in _due.Reader.ReadAllAsync(_stop.Token))
            {
                await ServeAsync(agent);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(NodeAgent agent)
    {
        var next = _options.LeaseInterval;
        try
        {
            await agent.RenewLeaseAsync(_stop.Token);
            if (_time.GetUtcNow() >= agent.StatusDue)
            {
                await agent.ReportStatusAsync(_stop.Token);
            }
        }
        catch (Exception e) when (IsTransient(e))
        {
            Failed(_logger, agent.Node.Name, e.Message);
            next = s_retry;
        }

        Schedule(agent, next);
    }

    private void Schedule(NodeAgent agent, TimeSpan delay) => _deadlines.Schedule(delay, () => _due.Writer.TryWrite(agent));

    private static bool IsTransient(Exception e) =>
        e is ApiStatusException or HttpRequestException or TimeoutException or IOException;

    [LoggerMessage(1, LogLevel.Warning, "Node {Node} could not be kept and is tried again: {Error}")]
    private static partial void Failed(ILogger logger, string node, string error);
}
