using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using KubeLite.ApiServer.Responses;
using KubeLite.ApiServer.Tests.Serving;
using KubeLite.ApiServer.Tests.Streaming;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeLite.ApiServer.Tests.Responses;

public sealed class AnswerTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData("configmaps", "application/json", "deflate, gzip", true)]
    [InlineData("configmaps/large", "application/json", "gzip", true)]
    [InlineData("configmaps", "application/vnd.kubernetes.protobuf,application/json", "gzip", true)]
    [InlineData("configmaps", "application/json", "gzip;q=1.0", false)]
    [InlineData("configmaps", "application/json", "br", false)]
    [InlineData("configmaps/small", "application/json", "gzip", false)]
    [InlineData("secrets", "application/json", "gzip", false)]
    [InlineData("configmaps", "application/json;as=Table;g=meta.k8s.io;v=v1", "gzip", false)]
    public async Task Get_ClientFarAwayThatTakesGzip_GetsItForWhatIsLarge(string resource, string accept, string encoding, bool compressed)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.CreateAsync(server, $"/api/v1/namespaces/{ns}/configmaps", ApiServerFixture.Named("small"));
        await StreamCluster.CreateAsync(
            server, $"/api/v1/namespaces/{ns}/configmaps", "{\"metadata\":{\"name\":\"large\"},\"data\":{\"text\":\"" + new string(
                'x', ResponseCompression.Threshold) + "\"}}");

        DefaultHttpContext answer = await AskAsync($"/api/v1/namespaces/{ns}/{resource}", accept, encoding, IPAddress.Parse("192.0.2.1"));
        DefaultHttpContext near = await AskAsync($"/api/v1/namespaces/{ns}/{resource}", accept, encoding, IPAddress.Loopback);

        Assert.Equal(200, answer.Response.StatusCode);
        Assert.Equal(compressed ? "gzip" : "", answer.Response.Headers.ContentEncoding.ToString());
        Assert.Equal(compressed ? "Accept-Encoding" : "", answer.Response.Headers.Vary.ToString());
        Assert.Equal("", near.Response.Headers.ContentEncoding.ToString());
        Assert.Equal(Body(near), compressed ? Unzip(answer) : Body(answer));
    }

    [Theory]
    [InlineData("configmaps", "Table")]
    [InlineData("configmaps/c", "Table")]
    [InlineData("configmaps", "PartialObjectMetadataList")]
    [InlineData("configmaps/c", "PartialObjectMetadata")]
    public async Task Get_ShapeOfOldClients_IsNamedAsTheyAskedForIt(string resource, string shape)
    {
        string ns = await server.NewNamespaceAsync();
        await StreamCluster.CreateAsync(server, $"/api/v1/namespaces/{ns}/configmaps", ApiServerFixture.Named("c"));

        JsonNode old = (await server.SendAsync(
            "GET", $"/api/v1/namespaces/{ns}/{resource}", accept: $"application/json;as={shape};g=meta.k8s.io;v=v1beta1")).Json;
        JsonNode now = (await server.SendAsync(
            "GET", $"/api/v1/namespaces/{ns}/{resource}", accept: $"application/json;as={shape};g=meta.k8s.io;v=v1")).Json;

        Assert.Equal("meta.k8s.io/v1beta1", (string)old["apiVersion"]!);
        Assert.Equal(shape, (string)old["kind"]!);
        Assert.Equal(now.ToJsonString(), old.ToJsonString().Replace("meta.k8s.io/v1beta1", "meta.k8s.io/v1", StringComparison.Ordinal));
        Assert.DoesNotContain("\"meta.k8s.io/v1\"", old.ToJsonString());
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/configmaps/missing", true, 404, false)]
    [InlineData("/api/v1/namespaces/default/configmaps", false, 403, true)]
    [InlineData("/metrics", false, 403, true)]
    [InlineData("/nowhere", true, 404, true)]
    [InlineData("/openapi/v3/api/v1?hash=old", true, 301, false)]
    [InlineData("/openapi/v3/apis/none/v1", true, 404, false)]
    public async Task Answer_AnyCode_IsForTheCallerAlone(string path, bool admin, int code, bool nosniff)
    {
        using HttpClient client = server.NewClient(admin ? ApiServerFixture.AdminToken : ApiServerFixture.UserToken);

        ApiAnswer answer = await ApiServerFixture.SendAsync(client, "GET", path, null, "", "application/json");

        Assert.Equal(code, answer.Code);
        Assert.Equal("no-cache, private", answer.Headers["Cache-Control"]);
        Assert.Equal(nosniff, answer.Headers.ContainsKey("X-Content-Type-Options"));
        Assert.True(answer.Headers.ContainsKey("Audit-Id"));
    }

    [Theory]
    [InlineData("wrong", 2)]
    [InlineData(ApiServerFixture.AdminToken, 1)]
    public async Task Answer_OverHttp2_StrangersDontKeepTheConnection(string token, int connections)
    {
        int opened = 0;
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (context, cancellationToken) =>
            {
                Interlocked.Increment(ref opened);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = server.Address,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        int limit = connections == 1 ? 3 : 1000;

        // The server's farewell may come a moment behind its answer.
        for (int i = 0; i < limit && (connections == 1 || opened < connections); i++)
        {
            using HttpResponseMessage answer = await client.GetAsync("/api");
            Assert.Equal(connections == 1 ? 200 : 401, (int)answer.StatusCode);
        }

        Assert.Equal(connections, opened);
    }

    [Fact]
    public void Write_MoreWarningsThanHeadersShouldHold_AreCut()
    {
        string longOne = new('é', 4000);
        HttpResponse response = new DefaultHttpContext().Response, within = new DefaultHttpContext().Response;

        WarningHeaders.Write(within, [longOne, "say \"no\"\\"]);
        WarningHeaders.Write(response, [longOne, .. Enumerable.Range(0, 30).Select(i => $"{i:00}{longOne}"), "bell \a"]);

        Assert.Equal([$"299 - \"{longOne}\"", "299 - \"say \\\"no\\\"\\\\\""], within.Headers["Warning"].Select(w => w!));
        Assert.Equal(16, response.Headers["Warning"].Count);
        Assert.All(response.Headers["Warning"], w => Assert.Equal("299 - \"\"".Length + 256, w!.Length));
    }

    private async Task<DefaultHttpContext> AskAsync(string path, string accept, string encoding, IPAddress from)
    {
        var http = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        http.Connection.RemoteIpAddress = from;
        http.Request.Method = "GET";
        http.Request.Path = path;
        http.Request.Headers.Accept = accept;
        http.Request.Headers.AcceptEncoding = encoding;
        http.Request.Headers.Authorization = "Bearer " + ApiServerFixture.AdminToken;
        await server.Process.Handler!(http);
        await http.Response.BodyWriter.FlushAsync();
        return http;
    }

    private static string Body(DefaultHttpContext http) => Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());

    private static string Unzip(DefaultHttpContext http)
    {
        using var plain = new StreamReader(
            new GZipStream(new MemoryStream(((MemoryStream)http.Response.Body).ToArray()), CompressionMode.Decompress));
        return plain.ReadToEnd();
    }
}
