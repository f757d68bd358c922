using k8s.Models;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using KubeLite.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ControllerManager.Tests.Running;

public sealed class ControllerManagerServerTests
{
    private static ControllerManagerOptions Options(FakeApiServer server) => new()
    {
        Connection = server.ClientOptions,
        Loggers = NullLoggerFactory.Instance,
        RetryPeriod = TimeSpan.FromMilliseconds(50),
        RenewDeadline = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public async Task AllControllers_StartAndStopCleanly()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var manager = new ControllerManagerServer(Options(server));
        await manager.StartAsync(default);
        await manager.Running.WaitAsync(TimeSpan.FromSeconds(20));
        await manager.StopAsync(default).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(manager.Completion.IsCompletedSuccessfully);
        Assert.Equal("", server.Find<V1Lease>("kube-system", "kube-controller-manager")!.Spec.HolderIdentity ?? "");
    }

    [Fact]
    public async Task TwoManagers_SecondTakesOverWhenFirstStops()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var first = new ControllerManagerServer(Options(server));
        await using var second = new ControllerManagerServer(Options(server));
        await first.StartAsync(default);
        await first.Running.WaitAsync(TimeSpan.FromSeconds(20));
        await second.StartAsync(default);
        Assert.False(second.Running.IsCompleted);
        await first.StopAsync(default);
        await second.Running.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task LeaseCannotBeRenewed_Faults()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var manager = new ControllerManagerServer(Options(server) with { RenewDeadline = TimeSpan.FromSeconds(1) });
        await manager.StartAsync(default);
        await manager.Running.WaitAsync(TimeSpan.FromSeconds(20));
        server.Fault(static (_, path) => path.Contains("leases", StringComparison.Ordinal) ? 500 : null);
        await Assert.ThrowsAsync<StartupException>(() => manager.Completion.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task UnknownController_DoesNotStart()
    {
        await using var server = await FakeApiServer.StartAsync();
        await using var manager = new ControllerManagerServer(Options(server) with { Controllers = ["nope"] });
        await Assert.ThrowsAsync<StartupException>(() => manager.StartAsync(default));
    }
}
