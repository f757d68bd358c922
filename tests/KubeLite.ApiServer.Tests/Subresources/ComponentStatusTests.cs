using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Registry.Core.ComponentStatuses;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Subresources;

/// <summary>What is told of the components of the control plane.</summary>
public sealed class ComponentStatusTests
{
    private const string Path = "/api/v1/componentstatuses";

    [Fact]
    public async Task List_OfWellAndIll_TellsHowEachIs()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(options => options with
        {
            Components =
            [
                new("scheduler", _ => Task.FromResult(new ComponentHealth(true, "ok"))),
                new("x", _ => Task.FromResult(new ComponentHealth(false, "ill"))),
            ],
        });
        JsonNode table = (await server.SendAsync("GET", Path, accept: "application/json;as=Table;v=v1;g=meta.k8s.io")).Json;
        Assert.Equal(
            ["scheduler Healthy ok", "x Unhealthy ill", "etcd-0 Healthy ok"],
            table["rows"]!.AsArray().Select(r => string.Join(' ', r!["cells"]!.AsArray().Take(3))));
        JsonNode one = (await server.SendAsync("GET", Path + "/x")).Json;
        Assert.Equal("""[{"type":"Healthy","status":"False","message":"ill"}]""", one["conditions"]!.ToJsonString());
        Assert.Equal("componentstatus \"y\" not found", (await server.SendAsync("GET", Path + "/y")).Message);
    }

    [Fact]
    public async Task AtPort_OfAServer_IsItsAnswer()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(options => options);
        ComponentHealth health = await ComponentCheck.AtPort("a", server.Process.Port).AskAsync(CancellationToken.None);
        Assert.Equal(new ComponentHealth(true, "ok"), health);
    }

    [Fact]
    public async Task AtPort_WhereNobodyListens_SaysSoAsKubernetesDoes()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound, so that nobody else gets it, and not listening.
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        ComponentHealth health = await ComponentCheck.AtPort("a", port).AskAsync(CancellationToken.None);
        Assert.Equal(
            new ComponentHealth(false, $"Get \"https://127.0.0.1:{port}/healthz\": dial tcp 127.0.0.1:{port}: connect: connection refused"),
            health);
    }
}
