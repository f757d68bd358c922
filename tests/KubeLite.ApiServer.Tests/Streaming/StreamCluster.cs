using System.Globalization;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

/// <summary>Nodes and Pods for tests of what is passed on to kubelets.</summary>
public static class StreamCluster
{
    /// <summary>Makes a node whose kubelet is at a port of loopback.</summary>
    public static async Task AddNodeAsync(ApiServerFixture server, string name, int port)
    {
        await CreateAsync(server, "/api/v1/nodes", ApiServerFixture.Named(name));
        ApiAnswer status = await server.SendAsync(
            "PATCH", $"/api/v1/nodes/{name}/status",
            "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":" +
            port.ToString(CultureInfo.InvariantCulture) + "}}}}",
            "application/merge-patch+json");
        Assert.Equal(200, status.Code);
    }

    /// <summary>Makes a Pod of containers; a node's name puts it there.</summary>
    public static async Task AddPodAsync(ApiServerFixture server, string ns, string name, string node, params string[] containers)
    {
        await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/serviceaccounts", ApiServerFixture.Named("default"));
        string list = string.Join(',', containers.Select(c => $$"""{"name":"{{c}}","image":"i","ports":[{"containerPort":8080}]}"""));
        await CreateAsync(
            server, $"/api/v1/namespaces/{ns}/pods",
            "{\"metadata\":{\"name\":\"" + name + "\"},\"spec\":{\"nodeName\":\"" + node + "\",\"containers\":[" + list + "]}}");
    }

    /// <summary>Makes an object.</summary>
    public static async Task CreateAsync(ApiServerFixture server, string path, string body)
    {
        ApiAnswer made = await server.SendAsync("POST", path, body);
        Assert.True(made.Code == 201, made.Text);
    }

    /// <summary>The head of a request that upgrades its connection.</summary>
    public static string Upgrade(string method, string path, string protocol, string more = "") =>
        $"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ApiServerFixture.AdminToken}\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n{more}\r\n";
}
