using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Events;
using Microsoft.Extensions.Logging;

namespace KubeLite.ControllerRuntime.LeaderElection;

/// <summary>
/// Runs work in one process at a time. A candidate takes the Lease when it is free, given up, or not renewed for a lease
/// duration as this candidate's clock measures it; clocks of candidates are never compared.
/// </summary>
public sealed partial class LeaderElector(
    ApiClient client, LeaderElectionOptions options, IEventRecorder? events, TimeProvider time, ILogger logger)
{
    private const double Jitter = 1.2;

    private V1LeaseSpec? _observed;
    private long _observedAt;

    /// <summary>Whether this candidate leads now.</summary>
    public bool IsLeader { get; private set; }

    /// <summary>
    /// Waits for leadership, then runs <paramref name="lead"/> with a token that ends when leadership is lost or
    /// <paramref name="cancellationToken"/> is cancelled. Returns when the work has ended; the Lease is then given up.
    /// </summary>
    /// <exception cref="LeadershipLostException">The Lease could not be renewed in time; the process should end.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before leadership was won.</exception>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        while (!await TryAcquireOrRenewAsync(cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(options.RetryPeriod * (1 + (Jitter * Random.Shared.NextDouble())), time, cancellationToken)
                .ConfigureAwait(false);
        }
        IsLeader = true;
        LogLeads(options.Identity, options.Namespace, options.Name);
        events?.Record(
            new V1ObjectReference
            {
                Kind = "Lease",
                ApiVersion = "coordination.k8s.io/v1",
                Name = options.Name,
                NamespaceProperty = options.Namespace,
            },
            "Normal", "LeaderElection", options.Identity + " became leader");
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = lead(leading.Token);
        var lost = false;
        try
        {
            lost = await RenewAsync(work, leading.Token).ConfigureAwait(false);
        }
        finally
        {
            await leading.CancelAsync().ConfigureAwait(false);
            IsLeader = false;
            await work.ConfigureAwait(false);
            if (!lost)
            {
                await ReleaseAsync().ConfigureAwait(false);
            }
        }
        if (lost)
        {
            throw new LeadershipLostException(
                $"The Lease {options.Namespace}/{options.Name} wasn't renewed within {options.RenewDeadline.TotalSeconds} s.");
        }
    }

    // True when the deadline passed, false when the work ended or was cancelled.
    private async Task<bool> RenewAsync(Task work, CancellationToken cancellationToken)
    {
        var renewed = time.GetTimestamp();
        while (!work.IsCompleted)
        {
            try
            {
                var pause = Task.Delay(options.RetryPeriod, time, cancellationToken);
                if (await Task.WhenAny(work, pause).ConfigureAwait(false) == work)
                {
                    return false;
                }
                await pause.ConfigureAwait(false);
                var left = options.RenewDeadline - time.GetElapsedTime(renewed);
                using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
                if (await TryAcquireOrRenewAsync(linked.Token).ConfigureAwait(false))
                {
                    renewed = time.GetTimestamp();
                    continue;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return false;
            }
            catch (OperationCanceledException)
            {
                // The deadline, judged below.
            }
            if (time.GetElapsedTime(renewed) >= options.RenewDeadline)
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> TryAcquireOrRenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = time.GetUtcNow().UtcDateTime;
            var lease = await client.FindAsync<V1Lease>(options.Namespace, options.Name, cancellationToken).ConfigureAwait(false);
            if (lease is null)
            {
                lease = new V1Lease
                {
                    Metadata = new V1ObjectMeta { Name = options.Name, NamespaceProperty = options.Namespace },
                    Spec = NewSpec(now, now, 0),
                };
                Observe((await client.CreateAsync(lease, cancellationToken).ConfigureAwait(false)).Spec);
                return true;
            }
            var spec = lease.Spec ?? new V1LeaseSpec();
            if (_observed is null || !spec.Equals(_observed))
            {
                Observe(spec);
            }
            var mine = spec.HolderIdentity == options.Identity;
            if (!mine && !string.IsNullOrEmpty(spec.HolderIdentity)
                && time.GetElapsedTime(_observedAt) < TimeSpan.FromSeconds(spec.LeaseDurationSeconds ?? options.LeaseDuration.TotalSeconds))
            {
                return false;
            }
            lease.Spec = mine
                ? NewSpec(spec.AcquireTime ?? now, now, spec.LeaseTransitions ?? 0)
                : NewSpec(now, now, (spec.LeaseTransitions ?? 0) + 1);
            Observe((await client.UpdateAsync(lease, cancellationToken).ConfigureAwait(false)).Spec);
            return true;
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or System.Text.Json.JsonException)
        {
            LogFailed(options.Namespace, options.Name, e.Message);
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        try
        {
            while (!await TryReleaseAsync(timeout.Token).ConfigureAwait(false))
            {
                // A renewal that was cut off here arrived there all the same; look again.
            }
        }
        catch (Exception e) when (e is ApiStatusException or HttpRequestException or TimeoutException or OperationCanceledException)
        {
            // Nobody waits for longer than the lease duration because of it.
            LogFailed(options.Namespace, options.Name, e.Message);
        }
    }

    private async Task<bool> TryReleaseAsync(CancellationToken cancellationToken)
    {
        var lease = await client.FindAsync<V1Lease>(options.Namespace, options.Name, cancellationToken).ConfigureAwait(false);
        if (lease?.Spec?.HolderIdentity != options.Identity)
        {
            return true;
        }
        var now = time.GetUtcNow().UtcDateTime;
        lease.Spec = NewSpec(now, now, lease.Spec.LeaseTransitions ?? 0) with { HolderIdentity = "", LeaseDurationSeconds = 1 };
        try
        {
            await client.UpdateAsync(lease, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiStatusException e) when (e.IsConflict)
        {
            return false;
        }
    }

    private V1LeaseSpec NewSpec(DateTime acquired, DateTime renewed, int transitions) => new()
    {
        HolderIdentity = options.Identity,
        LeaseDurationSeconds = (int)options.LeaseDuration.TotalSeconds,
        AcquireTime = acquired,
        RenewTime = renewed,
        LeaseTransitions = transitions,
    };

    private void Observe(V1LeaseSpec spec)
    {
        _observed = spec;
        _observedAt = time.GetTimestamp();
    }

    [LoggerMessage(LogLevel.Information, "{Identity} leads by the Lease {Namespace}/{Name}")]
    private partial void LogLeads(string identity, string @namespace, string name);

    [LoggerMessage(LogLevel.Warning, "The Lease {Namespace}/{Name} could not be taken, renewed or released: {Error}")]
    private partial void LogFailed(string @namespace, string name, string error);
}
