using System.Net;
using KubeLite.ApiMachinery.Errors;
using KubeLite.Storage;
using Microsoft.Extensions.Logging;

namespace KubeLite.ApiServer.Peers;

/// <summary>
/// Says to the cluster that this server lives, for as long as it does: its identity Lease, its address in the endpoints of the
/// kubernetes Service; and takes out those that died.
/// </summary>
/// <param name="identity">The Lease.</param>
/// <param name="endpoints">The endpoints.</param>
/// <param name="leases">Which servers live; null where the store is this server's alone.</param>
/// <param name="address">The advertised address. A loopback address is told to nobody: it would mean another machine to everyone.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets failures.</param>
public sealed partial class PeerAnnouncement(
    IdentityLease identity, KubernetesEndpoints endpoints, MasterLeases? leases, IPAddress address, TimeProvider time,
    ILogger<PeerAnnouncement> logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);

    // A server that is alone renews for the record only, and an idle disk is to stay idle.
    private static readonly TimeSpan s_aloneInterval = IdentityLease.Duration / 6;
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = logger;
    private readonly bool _public = !IPAddress.IsLoopback(address);
    private readonly SemaphoreSlim _gate = new(1);
    private DateTimeOffset _collected = DateTimeOffset.MinValue;
    private bool _withdrawn;

    /// <summary>Announces once: at the start, so that the cluster knows the server when it is ready.</summary>
    public async Task OnceAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_public && !_withdrawn)
            {
                await ReconcileAsync(cancellationToken);
            }

            await identity.RenewAsync(cancellationToken);
            if (time.GetUtcNow() - _collected >= IdentityLease.Duration)
            {
                await identity.CollectAsync(cancellationToken);
                _collected = time.GetUtcNow();
            }
        }
        catch (Exception e) when (e is StoreException or ApiException)
        {
            LogFailed(e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Announces every 10 s (alone: every 10 min) until cancelled; returns then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(leases is null ? s_aloneInterval : s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await OnceAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Takes this server out of the endpoints for good; gives up after 2 s, because the lease expires anyway.</summary>
    public async Task WithdrawAsync()
    {
        if (leases is null || !_public)
        {
            return;
        }

        using var limit = new CancellationTokenSource(s_stopLimit, time);
        try
        {
            await _gate.WaitAsync(limit.Token);
            _withdrawn = true;
            _gate.Release();
            await leases.RemoveAsync(address.ToString(), limit.Token);
            if (await leases.ListAsync(limit.Token) is { Count: > 0 } others)
            {
                await endpoints.SetAsync(others, limit.Token);
            }
        }
        catch (Exception e) when (e is StoreException or ApiException or OperationCanceledException)
        {
            LogFailed(e.Message);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        if (leases is null)
        {
            await endpoints.SetAsync([address.ToString()], cancellationToken);
            return;
        }

        await leases.RenewAsync(address.ToString(), cancellationToken);
        IReadOnlyList<string> alive = await leases.ListAsync(cancellationToken);
        if (alive.Count > 0)
        {
            await endpoints.SetAsync(alive, cancellationToken);
        }
    }

    [LoggerMessage(80, LogLevel.Warning, "Announcing this API server failed: {Reason}; trying again")]
    private partial void LogFailed(string reason);
}
