using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.LeaderElection;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.Scheduler.Tests;

public sealed class SchedulerProcessTests
{
    [Fact]
    public async Task Pod_IsBoundAndTheEventSaysSo()
    {
        await using var server = await FakeApiServer.StartAsync();
        var client = server.NewClient();
        await client.CreateAsync(Make.Node("a"), CancellationToken.None);
        await using var scheduler = new SchedulerProcess(
            new SchedulerOptions { Client = server.ClientOptions }, NullLoggerFactory.Instance, TimeProvider.System);
        await scheduler.StartAsync(CancellationToken.None);
        await client.CreateAsync(Make.Pod("x"), CancellationToken.None);

        await server.UntilAsync(() => server.Find<V1Pod>("default", "x")?.Spec.NodeName == "a", "the Pod is bound");
        await server.UntilAsync(() => server.List<Corev1Event>("default").Count == 1, "the event is there");
        var scheduled = server.List<Corev1Event>("default")[0];
        Assert.Equal("Scheduled", scheduled.Reason);
        Assert.Equal("Successfully assigned default/x to a", scheduled.Message);
        Assert.Equal("default-scheduler", scheduled.ReportingComponent);
        await scheduler.StopAsync(CancellationToken.None);
        await scheduler.Completion;
    }

    [Fact]
    public async Task Pod_FitsNowhere_ConditionSaysWhy_ThenANodeComes()
    {
        await using var server = await FakeApiServer.StartAsync();
        var client = server.NewClient();
        await using var scheduler = new SchedulerProcess(
            new SchedulerOptions
            {
                Client = server.ClientOptions,
                LeaderElection = new LeaderElectionOptions { Name = "kube-scheduler", Identity = "me" },
            },
            NullLoggerFactory.Instance, TimeProvider.System);
        await scheduler.StartAsync(CancellationToken.None);
        await client.CreateAsync(Make.Pod("x"), CancellationToken.None);

        await server.UntilAsync(() => Condition(server) is not null, "the condition is there");
        Assert.Equal("False", Condition(server)!.Status);
        Assert.Equal("Unschedulable", Condition(server)!.Reason);
        Assert.Equal("no nodes available to schedule pods", Condition(server)!.Message);

        await client.CreateAsync(Make.Node("a"), CancellationToken.None);
        await server.UntilAsync(() => server.Find<V1Pod>("default", "x")?.Spec.NodeName == "a", "the Pod is bound");
        Assert.Equal("me", server.Find<V1Lease>("kube-system", "kube-scheduler")!.Spec.HolderIdentity);
    }

    [Fact]
    public async Task Preemption_RemovesTheVictim()
    {
        await using var server = await FakeApiServer.StartAsync();
        var client = server.NewClient();
        await client.CreateAsync(Make.Node("a"), CancellationToken.None);
        await client.CreateAsync(Make.Pod("victim", "a", "4"), CancellationToken.None);
        await using var scheduler = new SchedulerProcess(
            new SchedulerOptions { Client = server.ClientOptions }, NullLoggerFactory.Instance, TimeProvider.System);
        await scheduler.StartAsync(CancellationToken.None);
        await client.CreateAsync(Make.Pod("x", null, "2", priority: 10), CancellationToken.None);

        await server.UntilAsync(
            () => server.Find<V1Pod>("default", "victim") is null or { Metadata.DeletionTimestamp: not null }, "the victim leaves");
        if (server.Find<V1Pod>("default", "victim") is not null)
        {
            await client.DeleteAsync<V1Pod>("default", "victim", new V1DeleteOptions { GracePeriodSeconds = 0 }, CancellationToken.None);
        }

        await server.UntilAsync(() => server.Find<V1Pod>("default", "x")?.Spec.NodeName == "a", "the Pod is bound");
    }

    private static V1PodCondition? Condition(FakeApiServer server) =>
        server.Find<V1Pod>("default", "x")?.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "PodScheduled");
}
