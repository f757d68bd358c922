using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ControllerRuntime.Tests.LeaderElection;

public sealed class LeaderElectorTests : IAsyncLifetime
{
    private FakeApiServer _server = null!;
    private ApiClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _client = _server.NewClient();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    private LeaderElector Elector(string identity) => new(
        _client,
        new LeaderElectionOptions
        {
            Name = "l",
            Identity = identity,
            LeaseDuration = TimeSpan.FromSeconds(3),
            RenewDeadline = TimeSpan.FromSeconds(1),
            RetryPeriod = TimeSpan.FromMilliseconds(50),
        },
        null, TimeProvider.System, NullLogger.Instance);

    private string? Holder() => _server.Find<V1Lease>("kube-system", "l")?.Spec.HolderIdentity;

    [Fact]
    public async Task Run_TwoCandidates_SecondLeadsAfterFirstReleases()
    {
        using var stopFirst = new CancellationTokenSource();
        using var stopSecond = new CancellationTokenSource();
        // The Lease names "a" before its answer has reached "a", which may only be stopped as a leader.
        var firstLeads = new TaskCompletionSource();
        var first = Elector("a").RunAsync(
            ct =>
            {
                firstLeads.SetResult();
                return Task.Delay(Timeout.Infinite, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
            },
            stopFirst.Token);
        await firstLeads.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("a", Holder());
        var leads = new TaskCompletionSource();
        var second = Elector("b").RunAsync(
            ct =>
            {
                leads.SetResult();
                return Task.Delay(Timeout.Infinite, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
            },
            stopSecond.Token);
        Assert.False(leads.Task.IsCompleted);
        await stopFirst.CancelAsync();
        await first.WaitAsync(TimeSpan.FromSeconds(5));
        await leads.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("b", Holder());
        Assert.Equal(1, _server.Find<V1Lease>("kube-system", "l")!.Spec.LeaseTransitions);
        await stopSecond.CancelAsync();
        await second.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal("", Holder() ?? "");
    }

    [Fact]
    public async Task Run_RenewalFails_WorkIsStoppedAndLossThrown()
    {
        var started = new TaskCompletionSource();
        var run = Elector("a").RunAsync(
            ct =>
            {
                started.SetResult();
                return Task.Delay(Timeout.Infinite, ct).ContinueWith(static _ => { }, TaskScheduler.Default);
            },
            CancellationToken.None);
        await started.Task.WaitAsync(TimeSpan.FromSeconds(5));
        _server.Fault((_, _) => 500);
        await Assert.ThrowsAsync<LeadershipLostException>(() => run.WaitAsync(TimeSpan.FromSeconds(10)));
    }
}
