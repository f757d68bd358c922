using KubeLite.ApiMachinery.Errors;

namespace KubeLite.ApiServer.Registry.Core.Services;

/// <summary>
/// What one write takes of the node ports (Kubernetes v1.36, <c>pkg/registry/core/service/portallocator</c>). For one thread.
/// </summary>
/// <param name="allocator">Where from.</param>
/// <param name="mode">Whether ports are taken.</param>
/// <param name="cancellationToken">Ends the waits.</param>
public sealed class PortOperation(ServiceAllocator allocator, PortOperation.Mode mode, CancellationToken cancellationToken)
{
    /// <summary>The number below the first that a dry run makes up.</summary>
    private const int LastNeverGiven = 32768;

    private readonly List<int> _taken = [];
    private IReadOnlySet<int>? _held;

    /// <summary>What becomes of the ports.</summary>
    public enum Mode
    {
        /// <summary>They are taken.</summary>
        Take,

        /// <summary>It is only asked whether they could be taken now; numbers that nobody named are made up.</summary>
        Probe,

        /// <summary>As <see cref="Probe"/>, for a dry run, which doesn't look at the range.</summary>
        DryRun,
    }

    /// <summary>The ports that were taken, so that they can be given back.</summary>
    public IReadOnlyList<int> Taken => _taken;

    /// <summary>Takes a certain port.</summary>
    /// <returns>Null, or what is wrong, in Kubernetes' words.</returns>
    public async Task<string?> AllocateAsync(long port)
    {
        string? fault = mode == Mode.Take ? await allocator.TakePortAsync(port, cancellationToken) : await ProbeAsync(port);
        if (fault is null)
        {
            _taken.Add((int)port);
        }

        return fault;
    }

    /// <summary>Takes any port.</summary>
    /// <param name="what">For what, for messages.</param>
    /// <exception cref="ApiException">500: all are taken.</exception>
    public async Task<long> NextAsync(string what)
    {
        int port = mode == Mode.Take
            ? await allocator.TakePortAsync(what, cancellationToken)
            : (_taken.Count == 0 ? LastNeverGiven : _taken.Max()) + 1;
        _taken.Add(port);
        return port;
    }

    private async Task<string?> ProbeAsync(long port)
    {
        if (mode == Mode.Probe && allocator.RangeFault(port) is { } fault)
        {
            return fault;
        }

        _held ??= await allocator.PortsAsync(cancellationToken);
        return _held.Contains((int)port) || _taken.Contains((int)port) ? ServiceAllocator.PortTaken : null;
    }
}
