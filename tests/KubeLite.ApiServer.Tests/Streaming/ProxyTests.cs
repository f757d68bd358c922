using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Streaming;

public sealed class ProxyTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Fact]
    public async Task Node_Get_IsPassedToItsKubelet()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(AnswerAsync);
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/nodes/{ns}/proxy/a%2Fb/c%20d/?x=1&y=%2F");
        request.Headers.TryAddWithoutValidation("X-Own", "kept");
        request.Headers.TryAddWithoutValidation("Impersonate-User", "admin");
        request.Headers.TryAddWithoutValidation("Impersonate-Group", "system:masters");

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal(203, (int)response.StatusCode);
        Assert.Equal("yes", response.Headers.GetValues("X-Backend").Single());
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
        string head = Assert.Single(kubelet.Heads);
        Assert.StartsWith("GET /a%2Fb/c%20d/?x=1&y=%2F HTTP/1.1\r\n", head);
        Assert.Contains("X-Own: kept\r\n", head);
        Assert.Contains($"X-Forwarded-Uri: /api/v1/nodes/{ns}/proxy/a%2Fb/c%20d/\r\n", head);
        Assert.DoesNotContain("Authorization", head);
        Assert.DoesNotContain("Impersonate", head);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task Node_AnyMethod_IsPassedOnWithItsBody(string method)
    {
        string ns = await server.NewNamespaceAsync(), body = "";
        await using FakeBackend kubelet = FakeBackend.Start(async (head, stream) =>
        {
            var bytes = new byte[7];
            await stream.ReadExactlyAsync(bytes);
            body = System.Text.Encoding.ASCII.GetString(bytes);
            await AnswerAsync(head, stream);
        });
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);

        ApiAnswer answer = await server.SendAsync(method, $"/api/v1/nodes/{ns}/proxy/x", "content", "text/plain");

        Assert.Equal(203, answer.Code);
        Assert.Equal("content", body);
        Assert.StartsWith($"{method} /x HTTP/1.1\r\n", Assert.Single(kubelet.Heads));
    }

    [Fact]
    public async Task Node_HtmlPage_LinksLeadThroughTheProxy()
    {
        const string Page = """<a href="/logs/a">x</a><a href="b">y</a><img src='https://127.0.0.1:PORT/i.png'>""";
        string ns = await server.NewNamespaceAsync(), prefix = $"/api/v1/nodes/{ns}/proxy";
        FakeBackend? kubelet = null;
        await using FakeBackend started = FakeBackend.Start((_, stream) =>
        {
            string page = Page.Replace(
                "PORT", kubelet!.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
            return FakeBackend.WriteAsync(
                stream,
                $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: max-age=1\r\nContent-Length: {page.Length}\r\nConnection: close\r\n\r\n{page}");
        });
        kubelet = started;
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        using var request = new HttpRequestMessage(HttpMethod.Get, prefix + "/index.html");
        request.Headers.Host = "asked.example";
        request.Headers.TryAddWithoutValidation("Connection", "X-Hop");
        request.Headers.TryAddWithoutValidation("X-Hop", "of this connection");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", "192.0.2.1");

        using HttpResponseMessage answer = await server.Admin.SendAsync(request);

        Assert.Equal(
            $"""<a href="{prefix}/logs/a">x</a><a href="b">y</a><img src="{prefix}/i.png">""", await answer.Content.ReadAsStringAsync());
        Assert.Equal("no-cache, private, max-age=1", string.Join(", ", answer.Headers.NonValidated["Cache-Control"]));
        string head = Assert.Single(kubelet.Heads);
        Assert.Contains("Host: asked.example\r\n", head);
        Assert.Contains("X-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n", head);
        Assert.DoesNotContain("X-Hop", head);
        Assert.DoesNotContain("X-Forwarded-Host", head);
    }

    [Fact]
    public async Task Node_BackendHangsUp_Is503()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(static (_, _) => Task.CompletedTask);
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);

        ApiAnswer answer = await server.SendAsync("GET", $"/api/v1/nodes/{ns}/proxy/x");

        Assert.Equal((503, "error trying to reach service: EOF"), (answer.Code, answer.Message));
    }

    [Fact]
    public async Task Node_Redirect_IsToldInThePathsOfTheProxy()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start((_, stream) =>
            FakeBackend.WriteAsync(stream, "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        using var plain = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        })
        { BaseAddress = server.Address };
        plain.DefaultRequestHeaders.Authorization = server.Admin.DefaultRequestHeaders.Authorization;

        using HttpResponseMessage redirect = await plain.GetAsync($"/api/v1/nodes/{ns}/proxy/here");
        using HttpResponseMessage root = await plain.GetAsync($"/api/v1/nodes/{ns}/proxy?x=1");

        Assert.Equal($"/api/v1/nodes/{ns}/proxy/there", redirect.Headers.Location!.OriginalString);
        Assert.Equal(301, (int)root.StatusCode);
        Assert.Equal($"/api/v1/nodes/{ns}/proxy/?x=1", root.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Node_Upgrade_IsTunnelled()
    {
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend kubelet = FakeBackend.Start(async (_, stream) =>
        {
            await FakeBackend.WriteAsync(stream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            await FakeBackend.ShoutAsync(stream);
        });
        await StreamCluster.AddNodeAsync(server, ns, kubelet.Port);
        await using RawConnection client = await RawConnection.OpenAsync(server.Address);

        await client.WriteAsync(StreamCluster.Upgrade("GET", $"/api/v1/nodes/{ns}/proxy/ws?a=b", "websocket"));
        await client.ReadHeadAsync();
        await client.WriteAsync("abc");

        Assert.Equal("ABC", await client.ReadAsync(3));
        Assert.StartsWith("GET /ws?a=b HTTP/1.1\r\n", Assert.Single(kubelet.Heads));
    }

    [Theory]
    [InlineData("nodes/missing/proxy/", 404, "nodes \"missing\" not found")]
    [InlineData("nodes/ftp:x:1/proxy/", 400, "invalid node request \"ftp:x:1\"")]
    [InlineData("namespaces/default/pods/missing/proxy/", 404, "pods \"missing\" not found")]
    [InlineData("namespaces/default/pods/a:b:c:d/proxy/", 400, "invalid pod request \"a:b:c:d\"")]
    [InlineData("namespaces/default/services/missing/proxy/", 404, "services \"missing\" not found")]
    [InlineData("namespaces/default/services/kubernetes:81/proxy/", 503, "no service port 81 found for service \"kubernetes\"")]
    [InlineData(
        "namespaces/default/services/https:kubernetes:https/proxy/", 503, "no endpoints available for service \"https:kubernetes:https\"")]
    public async Task Proxy_NothingThere_IsRefused(string path, int code, string message)
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/" + path);

        Assert.Equal(code, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Pod_AddressOfThisMachineItself_IsRefused()
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.AddPodAsync(server, ns, "p", "n", "c");
        await SetPodIpAsync(ns, "p", "127.0.0.1");

        ApiAnswer answer = await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/pods/p/proxy/");

        Assert.Equal(400, answer.Code);
        Assert.Equal("address not allowed", answer.Message);
    }

    [SkippableFact]
    public async Task PodAndService_Get_ReachThePort()
    {
        IPAddress? own = OwnAddress();
        Skip.If(own is null, "this machine has no address but loopback, which the proxy refuses");
        string ns = await server.NewNamespaceAsync();
        await using FakeBackend pod = FakeBackend.StartPlain(own!, AnswerAsync);
        await StreamCluster.AddPodAsync(server, ns, "p", "n", "c");
        await SetPodIpAsync(ns, "p", own!.ToString());
        await StreamCluster.CreateAsync(
            server, $"/api/v1/namespaces/{ns}/services", """{"metadata":{"name":"s"},"spec":{"ports":[{"name":"web","port":80}]}}""");
        await StreamCluster.CreateAsync(
            server, $"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
            "{\"metadata\":{\"name\":\"s\",\"labels\":{\"kubernetes.io/service-name\":\"s\"}},\"addressType\":\"IPv4\",\"ports\":[{\"name\":\"web\",\"port\":" +
            pod.Port +
            "}],\"endpoints\":[{\"addresses\":[\"" + own +
            "\"],\"conditions\":{\"ready\":true},\"targetRef\":{\"kind\":\"Pod\",\"name\":\"p\"}}]}");

        ApiAnswer byPod = await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/pods/p:{pod.Port}/proxy/pod");
        ApiAnswer byName = await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/services/s:web/proxy/name");
        ApiAnswer byNumber = await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/services/http:s:80/proxy/number");
        ApiAnswer closed = await server.SendAsync("GET", $"/api/v1/namespaces/{ns}/pods/p:1/proxy/");

        Assert.Equal([203, 203, 203], [byPod.Code, byName.Code, byNumber.Code]);
        Assert.Equal(["/pod", "/name", "/number"], pod.Heads.Select(h => h.Split(' ')[1]));
        Assert.Equal(503, closed.Code);
        Assert.Equal($"error trying to reach service: dial tcp {own}:1: connect: connection refused", closed.Message);
    }

    private async Task SetPodIpAsync(string ns, string pod, string ip)
    {
        ApiAnswer status = await server.SendAsync(
            "PATCH", $"/api/v1/namespaces/{ns}/pods/{pod}/status",
            "{\"status\":{\"podIP\":\"" + ip + "\",\"podIPs\":[{\"ip\":\"" + ip + "\"}]}}", "application/merge-patch+json");
        Assert.True(status.Code == 200, status.Text);
    }

    private static Task AnswerAsync(string head, Stream stream) => FakeBackend.WriteAsync(
        stream,
        "HTTP/1.1 203 Maybe\r\nX-Backend: yes\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");

    private static IPAddress? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(i => i.OperationalStatus == OperationalStatus.Up)
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Select(a => a.Address)
        .FirstOrDefault(
            a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a) && a.GetAddressBytes() is not [169, 254, ..]);
}
