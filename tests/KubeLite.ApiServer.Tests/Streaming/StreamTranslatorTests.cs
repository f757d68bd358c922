using System.Net.WebSockets;
using System.Text;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

/// <summary>Exec and attach over WebSockets of v5.channel.k8s.io, to a kubelet that speaks SPDY.</summary>
public sealed class StreamTranslatorTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>, IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));

    [Theory]
    [InlineData("v4.channel.k8s.io", """{"metadata":{},"status":"Success"}""", """{"metadata":{},"status":"Success"}""")]
    [InlineData("v4.channel.k8s.io", "", """{"metadata":{},"status":"Success"}""")]
    [InlineData(
        "v5.channel.k8s.io",
        """{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""",
        """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""")]
    [InlineData(
        "v4.channel.k8s.io", """{"status":"Failure","message":"no such command"}""",
        """{"metadata":{},"status":"Failure","message":"Internal error occurred: no such command","reason":"InternalError","details":{"causes":[{"message":"no such command"}]},"code":500}""")]
    [InlineData(
        "v2.channel.k8s.io", "it broke",
        """{"metadata":{},"status":"Failure","message":"Internal error occurred: error executing remote command: it broke","reason":"InternalError","details":{"causes":[{"message":"error executing remote command: it broke"}]},"code":500}""")]
    public async Task Exec_WebSocket_BecomesStreamsOfSpdy(string version, string said, string status)
    {
        string input = new string('x', 100_000) + "end";
        SpdyKubelet? spdy = null;
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await SpdyKubelet.UpgradeAsync(stream, version);
            spdy = new SpdyKubelet(stream);
            await spdy.AcceptAsync(4);
            await spdy.WriteAsync("stdout", "out");
            await spdy.WriteAsync("stderr", "err");
            await spdy.ReadToCloseAsync("stdin");
            await spdy.WriteAsync("error", said, last: true);
            await spdy.WriteAsync("stdout", "bye", last: true);
            await spdy.WriteAsync("stderr", "", last: true);
            await spdy.ReadToEndAsync();
        });
        string ns = await PodAsync(kubelet.Port);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        string head = await OpenAsync(connection, $"/api/v1/namespaces/{ns}/pods/p/exec?command=cat&stdin=1&stdout=1&stderr=1");
        using var client = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions());

        string connected = await ReceiveAsync(client);
        string[] greeting = [await ReceiveAsync(client), await ReceiveAsync(client)];
        await SendAsync(client, 0, input);
        await client.SendAsync(new byte[] { 255, 0 }, WebSocketMessageType.Binary, true, _patience.Token);
        string bye = await ReceiveAsync(client), end = await ReceiveAsync(client);
        WebSocketReceiveResult close = await client.ReceiveAsync(new byte[1], _patience.Token);

        Assert.StartsWith("HTTP/1.1 101 ", head);
        Assert.Contains("Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n", head);
        Assert.Equal("1", connected);
        Assert.Equal(["1out", "2err"], greeting);
        Assert.Equal("1bye", bye);
        Assert.Equal("3" + status, end);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, close.CloseStatus);
        Assert.Equal(["error", "stdin", "stdout", "stderr"], spdy!.Opened);
        Assert.Equal(input, spdy.Received("stdin"));
        string sent = Assert.Single(kubelet.Heads);
        Assert.StartsWith($"POST /exec/{ns}/p/c?input=1&output=1&error=1&command=cat HTTP/1.1\r\n", sent);
        Assert.Contains("Upgrade: SPDY/3.1\r\n", sent);
        Assert.Contains("X-Stream-Protocol-Version: v5.channel.k8s.io\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n", sent);
        Assert.DoesNotContain(ApiServerFixture.AdminToken, sent);
        Assert.DoesNotContain("Sec-WebSocket", sent);
    }

    [Fact]
    public async Task Attach_Terminal_SizesAreSentOnAndErrorsHaveNoStream()
    {
        SpdyKubelet? spdy = null;
        int pong = 0;
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await SpdyKubelet.UpgradeAsync(stream);
            spdy = new SpdyKubelet(stream);
            await spdy.AcceptAsync(4);
            pong = await spdy.PingAsync(2);
            await spdy.ReadUntilAsync("resize", 50);
            await spdy.WriteAsync("stdout", "", last: true);
            await spdy.WriteAsync("error", "", last: true);
            await spdy.ReadToEndAsync();
        });
        string ns = await PodAsync(kubelet.Port);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await OpenAsync(connection, $"/api/v1/namespaces/{ns}/pods/p/attach?stdin=true&tty=true");
        using var client = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions());

        await ReceiveAsync(client);
        await SendAsync(client, 4, """{"Width":80,"Height":24}""");
        await SendAsync(client, 4, """{"width":100,"height":50}""");
        string end = await ReceiveAsync(client);

        Assert.Equal("""3{"metadata":{},"status":"Success"}""", end);
        Assert.Equal(["error", "stdin", "stdout", "resize"], spdy!.Opened);
        Assert.Equal("{\"Width\":80,\"Height\":24}\n{\"Width\":100,\"Height\":50}\n", spdy.Received("resize"));
        Assert.Equal(2, pong);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\nno such container", "unable to upgrade connection: no such container")]
    [InlineData(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 47\r\n\r\n{\"kind\":\"Status\",\"message\":\"you may not do that\"}",
        "unable to upgrade connection: you may not do that")]
    [InlineData("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "unable to upgrade connection: empty server response")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://elsewhere/\r\nContent-Length: 0\r\n\r\n", "redirect not allowed")]
    public async Task Exec_KubeletRefuses_IsSaidOnTheErrorChannel(string refusal, string message)
    {
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) => FakeBackend.WriteAsync(stream, refusal));
        string ns = await PodAsync(kubelet.Port);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await OpenAsync(connection, $"/api/v1/namespaces/{ns}/pods/p/exec?command=ls");
        using var client = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions());

        string connected = await ReceiveAsync(client), end = await ReceiveAsync(client);

        Assert.Equal("3", connected);
        Assert.StartsWith("""3{"metadata":{},"status":"Failure","message":"Internal error occurred: """, end);
        Assert.Contains(message, end);
        Assert.EndsWith("\"code\":500}", end);
    }

    [Fact]
    public async Task Exec_ClientGoes_KubeletsConnectionEnds()
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await SpdyKubelet.UpgradeAsync(stream);
            var spdy = new SpdyKubelet(stream);
            await spdy.AcceptAsync(2);
            await spdy.WriteAsync("stdout", "ready");
            await spdy.ReadToEndAsync();
            gone.SetResult();
        });
        string ns = await PodAsync(kubelet.Port);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        await OpenAsync(connection, $"/api/v1/namespaces/{ns}/pods/p/exec?command=sleep&stdout=1");
        using var client = WebSocket.CreateFromStream(connection.Stream, new WebSocketCreationOptions());
        await ReceiveAsync(client);
        await ReceiveAsync(client);

        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _patience.Token);

        await gone.Task.WaitAsync(_patience.Token);
    }

    [Fact]
    public async Task Exec_NodeDeclaresWebSockets_KubeletGetsTheWebSocketItself()
    {
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) => FakeBackend.WriteAsync(
            stream,
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n\r\nbye"));
        string ns = await PodAsync(kubelet.Port);
        ApiAnswer declared = await server.SendAsync(
            "PATCH", $"/api/v1/nodes/{ns}/status", """{"status":{"declaredFeatures":["ExtendWebSocketsToKubelet"]}}""",
            "application/merge-patch+json");
        Assert.True(declared.Code == 200, declared.Text);
        await using RawConnection connection = await RawConnection.OpenAsync(server.Address);

        string head = await OpenAsync(connection, $"/api/v1/namespaces/{ns}/pods/p/exec?command=ls");

        Assert.Contains("Sec-WebSocket-Protocol: v5.channel.k8s.io\r\n", head);
        Assert.Equal("bye", await connection.ReadToEndAsync());
        string sent = Assert.Single(kubelet.Heads);
        Assert.StartsWith("GET ", sent);
        Assert.Contains("Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io\r\n", sent);
        Assert.Contains("X-Forwarded-For: 127.0.0.1\r\n", sent);
    }

    /// <inheritdoc />
    public void Dispose() => _patience.Dispose();

    private static async Task<string> OpenAsync(RawConnection connection, string path)
    {
        await connection.WriteAsync(StreamCluster.Upgrade(
            "GET", path, "websocket",
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io\r\n"));
        return await connection.ReadHeadAsync();
    }

    private async Task<string> PodAsync(int port)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.AddNodeAsync(server, ns, port);
        await StreamCluster.AddPodAsync(server, ns, "p", ns, "c");
        return ns;
    }

    private Task SendAsync(WebSocket client, byte channel, string text) =>
        client.SendAsync(
            new byte[] { channel }.Concat(Encoding.Latin1.GetBytes(text)).ToArray(), WebSocketMessageType.Binary, true, _patience.Token);

    /// <summary>A message: the number of its channel and what it says.</summary>
    private async Task<string> ReceiveAsync(WebSocket client)
    {
        var buffer = new byte[4096];
        WebSocketReceiveResult got = await client.ReceiveAsync(buffer, _patience.Token);
        Assert.True(got is { MessageType: WebSocketMessageType.Binary, EndOfMessage: true });
        return buffer[0] + Encoding.Latin1.GetString(buffer, 1, got.Count - 1);
    }
}
