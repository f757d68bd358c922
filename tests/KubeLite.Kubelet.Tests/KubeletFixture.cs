using k8s.Models;
using KubeLite.ControllerRuntime.Client;
using KubeLite.ControllerRuntime.Tests.ApiFake;
using KubeLite.Hosting.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeLite.Kubelet.Tests;

/// <summary>A kubelet with one simulated node against an API server in memory.</summary>
public sealed class KubeletFixture : IAsyncDisposable
{
    private KubeletFixture(FakeApiServer server)
    {
        Server = server;
        Client = server.NewClient();
    }

    public FakeApiServer Server { get; }

    public ApiClient Client { get; }

    public KubeletProcess? Kubelet { get; private set; }

    public static async Task<KubeletFixture> StartAsync(KubeletOptions? options = null)
    {
        var fixture = new KubeletFixture(await FakeApiServer.StartAsync());
        await fixture.StartKubeletAsync(options ?? new KubeletOptions());
        return fixture;
    }

    public async Task StartKubeletAsync(KubeletOptions options)
    {
        Kubelet = new KubeletProcess(
            options with { Client = Server.ClientOptions }, NullLoggerFactory.Instance, TimeProvider.System);
        await Kubelet.StartAsync(CancellationToken.None);
    }

    public async Task<V1Pod> CreateAsync(V1Pod pod) => await Client.CreateAsync(pod, CancellationToken.None);

    public V1Pod? Pod(string name = "x") => Server.Find<V1Pod>("default", name);

    public Task UntilAsync(Func<V1Pod, bool> condition, string what, string name = "x") =>
        Server.UntilAsync(() => Pod(name) is { } pod && condition(pod), what);

    public static V1Pod NewPod(string restartPolicy = "Always", params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = "x",
            NamespaceProperty = "default",
            Annotations = annotations.ToDictionary(item => "simulated.kubelite.io/" + item.Key, item => item.Value),
        },
        Spec = new V1PodSpec
        {
            NodeName = "node-0",
            RestartPolicy = restartPolicy,
            Containers = [new V1Container { Name = "c", Image = "nginx:1.27" }],
        },
        Status = new V1PodStatus { Phase = "Pending" },
    };

    public async ValueTask DisposeAsync()
    {
        if (Kubelet is not null)
        {
            await Kubelet.DisposeAsync();
        }

        await Server.DisposeAsync();
    }
}
