using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

public sealed class PodStreamTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData(
        "POST", "SPDY/3.1", "exec?command=ls&command=a%20b&stdin=true&stdout=1&tty=false",
        "/exec/{ns}/p/c?input=1&output=1&command=ls&command=a%20b")]
    [InlineData("GET", "websocket", "exec?command=sh&stdout=true&container=d", "/exec/{ns}/p/d?output=1&command=sh")]
    [InlineData("POST", "SPDY/3.1", "attach?stdin=1", "/attach/{ns}/p/c?input=1&output=1&error=1")]
    [InlineData("POST", "SPDY/3.1", "portforward?ports=80&ports=81", "/portForward/{ns}/p?port=80%2C81")]
    public async Task Stream_KubeletUpgrades_JoinsTheConnections(string method, string protocol, string subresource, string target)
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            // What follows the head at once must not be lost.
            await FakeBackend.WriteAsync(
                stream,
                $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\nhello");
            await FakeBackend.ShoutAsync(stream);
        });
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c", "d");
        await server.SendAsync(
            "PATCH", $"/api/v1/namespaces/{ns}/pods/p", """{"metadata":{"annotations":{"kubectl.kubernetes.io/default-container":"c"}}}""",
            "application/merge-patch+json");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade(
            method, $"/api/v1/namespaces/{ns}/pods/p/{subresource}", protocol, "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n"));
        string head = await client.ReadHeadAsync();
        string hello = await client.ReadAsync(5);
        await client.WriteAsync("round trip");
        string shout = await client.ReadAsync(10);

        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", head);
        Assert.Contains($"Upgrade: {protocol}\r\n", head);
        Assert.Contains("X-Stream-Protocol-Version: v4.channel.k8s.io\r\n", head);
        Assert.Equal("hello", hello);
        Assert.Equal("ROUND TRIP", shout);
        string sent = Assert.Single(kubelet.Heads);
        Assert.StartsWith($"{method} {target.Replace("{ns}", ns, StringComparison.Ordinal)} HTTP/1.1\r\n", sent);
        Assert.Contains($"Upgrade: {protocol}\r\n", sent);
        Assert.DoesNotContain(ApiServerFixture.AdminToken, sent);
    }

    [Fact]
    public async Task Exec_KubeletEnds_ClientSeesTheEnd()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) =>
            FakeBackend.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\nbye"));
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade("POST", $"/api/v1/namespaces/{ns}/pods/p/exec?command=x", "SPDY/3.1"));
        await client.ReadHeadAsync();

        Assert.Equal("bye", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Exec_LargeStream_ArrivesWhole()
    {
        const int Size = 8 * 1024 * 1024;
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await FakeBackend.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            var block = new byte[64 * 1024];
            for (int sent = 0; sent < Size; sent += block.Length)
            {
                Array.Fill(block, (byte)(sent >> 16));
                await stream.WriteAsync(block);
            }
        });
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade("POST", $"/api/v1/namespaces/{ns}/pods/p/exec?command=x", "SPDY/3.1"));
        await client.ReadHeadAsync();
        string all = await client.ReadToEndAsync();

        Assert.Equal(Size, all.Length);
        Assert.True(all.Select((c, i) => c == (char)(byte)(i >> 16)).All(same => same));
    }

    [Fact]
    public async Task Exec_KubeletRefuses_IsAnsweredInItsWords()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) =>
            FakeBackend.WriteAsync(
                stream, "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 17\r\n\r\nno such container"));
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade("POST", $"/api/v1/namespaces/{ns}/pods/p/exec?command=x", "SPDY/3.1"));

        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", head);
        Assert.Equal("no such container", await client.ReadBodyAsync(head));
    }

    [Fact]
    public async Task PortForward_WebSocketThatCarriesSpdy_KubeletGetsTheBytesInside()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await FakeBackend.WriteAsync(
                stream,
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n");
            await FakeBackend.ShoutAsync(stream);
        });
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);

        await connection.WriteAsync(StreamCluster.Upgrade(
            "GET", $"/api/v1/namespaces/{ns}/pods/p/portforward", "websocket",
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: SPDY/3.1+v9.portforward.k8s.io, SPDY/3.1+portforward.k8s.io\r\n"));
        string head = await connection.ReadHeadAsync();
        using var client = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions());
        await client.SendAsync("inside"u8.ToArray(), WebSocketMessageType.Binary, true, CancellationToken.None);
        var buffer = new byte[64];
        WebSocketReceiveResult got = await client.ReceiveAsync(buffer, CancellationToken.None);

        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", head);
        Assert.Contains("Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n", head);
        Assert.Equal("INSIDE", Encoding.ASCII.GetString(buffer, 0, got.Count));
        string sent = Assert.Single(kubelet.Heads);
        Assert.StartsWith($"POST /portForward/{ns}/p HTTP/1.1\r\n", sent);
        Assert.Contains("X-Stream-Protocol-Version: v9.portforward.k8s.io\r\nX-Stream-Protocol-Version: portforward.k8s.io\r\n", sent);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    [Fact]
    public async Task PortForward_KubeletRefusesTheSpdyOfAWebSocket_IsAnsweredInItsWords()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) =>
            FakeBackend.WriteAsync(stream, "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nno such pod"));
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade(
            "GET", $"/api/v1/namespaces/{ns}/pods/p/portforward", "websocket",
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io\r\n"));

        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", head);
        Assert.Equal("no such pod", await client.ReadBodyAsync(head));
    }

    [Fact]
    public async Task Exec_NoUpgrade_Is400()
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.AddNodeAsync(server, ns, 1);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");

        ApiAnswer answer = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/pods/p/exec?command=x");

        Assert.Equal(400, answer.Code);
        Assert.Equal("Upgrade request required", answer.Message);
    }

    [Theory]
    [InlineData("missing", "exec", 404, "pods \"missing\" not found")]
    [InlineData("two", "exec", 400, "a container name must be specified for pod two, choose one of: [c d]")]
    [InlineData("two", "exec?container=x", 400, "container x is not valid for pod two")]
    [InlineData("waits", "exec", 400, "pod waits does not have a host assigned")]
    [InlineData("waits", "portforward", 400, "pod waits does not have a host assigned")]
    [InlineData("lost", "attach", 404, "nodes \"nowhere\" not found")]
    public async Task Stream_NothingToJoin_IsRefused(string pod, string subresource, int code, string message)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.AddPodAsync(server, ns, "two", "nowhere", "c", "d");
        await StreamCluster.AddPodAsync(server, ns, "waits", "", "c");
        await StreamCluster.AddPodAsync(server, ns, "lost", "nowhere", "c");

        ApiAnswer answer = await server.SendAsync("POST", $"/api/v1/namespaces/{ns}/pods/{pod}/{subresource}");

        Assert.Equal(code, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Exec_KubeletIsDown_SaysSo()
    {
        string ns = await server.NewNamespaceAsync();
        // Bound, so that no other test gets the port, and deaf.
        using var gone = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        gone.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)gone.LocalEndPoint!).Port;
        await StreamCluster.AddNodeAsync(server, ns, port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(
            StreamCluster.Upgrade("POST", $"/api/v1/namespaces/{ns}/pods/p/exec?command=x", "SPDY/3.1", "Content-Length: 0\r\n"));
        string head = await client.ReadHeadAsync();

        Assert.StartsWith("HTTP/1.1 500 ", head);
        Assert.Contains($"error dialing backend: dial tcp 127.0.0.1:{port}: connect: connection refused", await client.ReadBodyAsync(head));
    }

    [Fact]
    public async Task StopAsync_OpenStream_Ends()
    {
        await using ApiServerFixture own = await ApiServerFixture.StartAsync(o => o);
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await FakeBackend.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n");
            await FakeBackend.ShoutAsync(stream);
        });
        await StreamCluster.AddNodeAsync(own, "n", kubelet.Port);
        await StreamCluster.AddPodAsync(own, "default", "p", "n", "c");
        await using RawConnection client = await RawConnection.OpenAsync(own.Address);
        await client.WriteAsync(StreamCluster.Upgrade("POST", "/api/v1/namespaces/default/pods/p/exec?command=x", "SPDY/3.1"));
        await client.ReadHeadAsync();

        await own.Process.StopAsync(CancellationToken.None);

        Assert.Empty(await client.ReadToEndAsync());
    }
}
