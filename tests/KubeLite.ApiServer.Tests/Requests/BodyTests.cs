using System.Text;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Requests;

public sealed class BodyTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task Post_UnknownMediaType_Is415(string type)
    {
        ApiAnswer answer = await server.SendAsync("POST", ConfigMaps, "x", type);

        Assert.Equal(415, answer.Code);
        Assert.Equal(
            "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
            answer.Message);
    }

    [Theory]
    [InlineData(
        """{"apiVersion": "v1", "kind": """,
        "couldn't get version/kind; json parse error: unexpected end of JSON input ({\"apiVersion\": \"v1\", \"kind\": )")]
    [InlineData("", "couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)")]
    public async Task Post_MalformedJson_Is400WithExcerpt(string body, string why)
    {
        ApiAnswer answer = await server.SendAsync("POST", ConfigMaps, body);

        Assert.Equal(400, answer.Code);
        Assert.Equal("the object provided is unrecognized (must be of type ConfigMap): " + why, answer.Message);
    }

    [Theory]
    [InlineData("{\"a\":\"\\uD83Dx\"}")]
    [InlineData("a: \"\\uD83D\\u0041\"")]
    public async Task Apply_HalfOfASurrogatePair_Is400(string body)
    {
        ApiAnswer answer = await server.SendAsync("PATCH", ConfigMaps + "/half?fieldManager=m", body, "application/apply-patch+yaml");

        Assert.Equal(400, answer.Code);
        Assert.EndsWith("yaml: line 1: found invalid Unicode character escape code", answer.Message);
    }

    [Theory]
    [InlineData("k8s\0")]
    [InlineData("not protobuf at all")]
    [InlineData("k8s\0\u000a\u00ff\u00ff\u00ff")]
    public async Task Post_MalformedProtobuf_Is400(string body)
    {
        ApiAnswer answer = await ApiServerFixture.SendAsync(
            server.Admin, "POST", ConfigMaps, Encoding.Latin1.GetBytes(body), "application/vnd.kubernetes.protobuf", "application/json");

        Assert.Equal(400, answer.Code);
    }

    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("\u0000")]
    public async Task Post_ProtobufWithBrokenJsonInside_Is400(string data)
    {
        var kind = new WireWriter();
        kind.Text(1, "apps/v1");
        kind.Text(2, "ControllerRevision");
        var metadata = new WireWriter();
        metadata.Text(1, "broken");
        var raw = new WireWriter();
        raw.Bytes(1, Encoding.UTF8.GetBytes(data));
        var revision = new WireWriter();
        revision.Bytes(1, metadata.Written);
        revision.Bytes(2, raw.Written);
        var envelope = new WireWriter();
        envelope.Bytes(1, kind.Written);
        envelope.Bytes(2, revision.Written);
        byte[] body = [.. "k8s\0"u8, .. envelope.Written];

        ApiAnswer answer = await ApiServerFixture.SendAsync(
            server.Admin, "POST", "/apis/apps/v1/namespaces/default/controllerrevisions", body, "application/vnd.kubernetes.protobuf",
            "application/json");

        Assert.Equal(400, answer.Code);
    }

    [Fact]
    public async Task Post_KindOfAnotherPath_Is400()
    {
        ApiAnswer answer = await server.SendAsync("POST", ConfigMaps, """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"}}""");

        Assert.Equal(400, answer.Code);
        Assert.Equal(
            "Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion",
            answer.Message);
    }

    [Fact]
    public async Task Post_WrongType_Is400NamingTheField()
    {
        ApiAnswer answer = await server.SendAsync("POST", ConfigMaps, """{"metadata":{"name":7}}""");

        Assert.Equal(400, answer.Code);
        Assert.Equal(
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
            answer.Message);
    }

    [Fact]
    public async Task Post_LargerThanTheLimit_Is413()
    {
        string body = "{\"metadata\":{\"name\":\"large\"},\"data\":{\"a\":\"" + new string('x', 3 * 1024 * 1024) + "\"}}";

        ApiAnswer answer = await server.SendAsync("POST", ConfigMaps, body);

        Assert.Equal(413, answer.Code);
        Assert.Equal("RequestEntityTooLarge", answer.Reason);
        Assert.Equal("Request entity too large: limit is 3145728", answer.Message);
    }

    [Fact]
    public async Task Post_LargerThanTheLimitInChunks_Is413()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, ConfigMaps);
        request.Headers.TransferEncodingChunked = true;
        request.Content = new StreamContent(new MemoryStream(new byte[4 * 1024 * 1024]));
        request.Content.Headers.ContentType = new("application/json");

        using HttpResponseMessage response = await server.Admin.SendAsync(request);

        Assert.Equal(413, (int)response.StatusCode);
    }

    [Fact]
    public async Task Post_UnknownFieldThatIsNotAscii_WarnsInUtf8()
    {
        // The client would read the header as Latin-1.
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        })
        { BaseAddress = server.Address };
        client.DefaultRequestHeaders.Authorization = server.Admin.DefaultRequestHeaders.Authorization;

        ApiAnswer answer = await ApiServerFixture.SendAsync(
            client, "POST", ConfigMaps, "{\"metadata\":{\"name\":\"warned\"},\"\u4e16\u00e9\":1,\"a\\u0000b\":2}"u8.ToArray(),
            "application/json", "application/json");

        Assert.Equal(201, answer.Code);
        Assert.Equal("299 - \"unknown field \\\"\u4e16\u00e9\\\"\"", answer.Headers["Warning"]);
    }

    [Theory]
    [InlineData("application/merge-patch+json", "\u00e9")]
    [InlineData("application/merge-patch+json", "[]")]
    [InlineData("application/strategic-merge-patch+json", "7")]
    [InlineData("application/json-patch+json", "{}")]
    public async Task Patch_ScaleWithWhatIsNoPatch_Is400(string type, string body)
    {
        await server.SendAsync("POST", "/apis/apps/v1/namespaces/default/deployments",
            """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        ApiAnswer answer = await server.SendAsync("PATCH", "/apis/apps/v1/namespaces/default/deployments/d/scale", body, type);

        Assert.True(answer.Code == 400, answer.Text);
    }
}
