using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeLite.ControllerManager.Tests;

/// <summary>An API server in memory with some controllers against it; the test plays everybody else.</summary>
internal sealed class ControllerHarness : IAsyncDisposable
{
    private readonly ControllerManagerServer _manager;

    private ControllerHarness(FakeApiServer server, ControllerManagerServer manager)
    {
        Server = server;
        _manager = manager;
        Client = server.NewClient();
    }

    internal FakeApiServer Server { get; }

    internal ApiClient Client { get; }

    internal static Task<ControllerHarness> StartAsync(params string[] controllers) => StartAsync(static o => o, controllers);

    internal static async Task<ControllerHarness> StartAsync(
        Func<ControllerManagerOptions, ControllerManagerOptions> change, params string[] controllers)
    {
        return await StartAsync(await FakeApiServer.StartAsync(), change, controllers);
    }

    internal static async Task<ControllerHarness> StartAsync(
        FakeApiServer server, Func<ControllerManagerOptions, ControllerManagerOptions> change, params string[] controllers)
    {
        var options = change(new ControllerManagerOptions
        {
            Connection = server.ClientOptions,
            Loggers = NullLoggerFactory.Instance,
            LeaderElect = false,
            Controllers = controllers,
        });
        var manager = new ControllerManagerServer(options);
        await manager.StartAsync(default);
        await manager.Running.WaitAsync(TimeSpan.FromSeconds(20));
        return new ControllerHarness(server, manager);
    }

    internal List<V1Pod> Pods => Server.List<V1Pod>("ns");

    /// <summary>Plays the kubelet: the Pods run and are ready.</summary>
    internal Task MakeReadyAsync(IEnumerable<V1Pod> pods) => SetStatusAsync(pods, new V1PodStatus
    {
        Phase = "Running",
        PodIP = "10.9.0.1",
        PodIPs = [new V1PodIP { Ip = "10.9.0.1" }],
        Conditions = [new V1PodCondition { Type = "Ready", Status = "True", LastTransitionTime = DateTime.UtcNow.AddMinutes(-1) }],
    });

    /// <summary>Plays the kubelet: the Pods have ended.</summary>
    internal Task EndAsync(IEnumerable<V1Pod> pods, int exitCode) => SetStatusAsync(pods, new V1PodStatus
    {
        Phase = exitCode == 0 ? "Succeeded" : "Failed",
        ContainerStatuses =
        [
            new V1ContainerStatus
            {
                Name = "c",
                Image = "i",
                ImageID = "i",
                State = new V1ContainerState
                {
                    Terminated = new V1ContainerStateTerminated { ExitCode = exitCode, FinishedAt = DateTime.UtcNow.AddHours(-1) },
                },
            },
        ],
    });

    internal async Task SetStatusAsync(IEnumerable<V1Pod> pods, V1PodStatus status)
    {
        foreach (var pod in pods.ToList())
        {
            await Client.PatchStatusAsync<V1Pod>(
                pod.Metadata.NamespaceProperty, pod.Metadata.Name, PatchFormat.Merge, new { status }, default);
        }
    }

    internal Task UntilAsync(Func<bool> condition, string what) => Server.UntilAsync(condition, what);

    internal static V1ObjectMeta Meta(string name, IDictionary<string, string>? labels = null) =>
        new() { Name = name, NamespaceProperty = "ns", Labels = labels };

    internal static Dictionary<string, string> Labels => new() { ["app"] = "a" };

    internal static V1LabelSelector Selector => new() { MatchLabels = Labels };

    internal static V1PodTemplateSpec Template(string image = "i") => new()
    {
        Metadata = new V1ObjectMeta { Labels = Labels },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = image }] },
    };

    public async ValueTask DisposeAsync()
    {
        await _manager.DisposeAsync();
        await Server.DisposeAsync();
    }
}
