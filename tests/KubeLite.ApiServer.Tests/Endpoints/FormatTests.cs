using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using KubeLite.ApiMachinery.Decoding;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiMachinery.Facts;
using KubeLite.ApiMachinery.Protobuf;
using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>The same objects in every format in which lists and watches are served.</summary>
public sealed class FormatTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";
    private const string Json = "application/json";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string OneMetadata = ";as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    private const string ManyMetadata = ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

    [Theory]
    [InlineData("/api/v1/namespaces?includeObject=a%3Db")]
    [InlineData("/api/v1/namespaces?watch=1&includeObject=a%3Db")]
    [InlineData("/api/v1/watch/namespaces/default?includeObject=a%3Db")]
    public async Task Get_TableWithUnknownObjects_IsRefusedBeforeTheAnswerBegins(string path)
    {
        ApiAnswer answer = await server.SendAsync("GET", path, accept: "application/json;as=Table;v=v1;g=meta.k8s.io");

        Assert.Equal(400, answer.Code);
        Assert.Equal(
            "Unable to convert to Table as requested: includeObject: Invalid value: \"a=b\": must be 'Metadata', 'Object', 'None', or empty",
            answer.Message);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(150)]
    public async Task List_Protobuf_HoldsWhatJsonHolds(int count)
    {
        string path = await CreateAsync(count);

        ApiAnswer json = await server.SendAsync("GET", path), protobuf = await server.SendAsync("GET", path, accept: Protobuf);

        Assert.Equal(Protobuf, protobuf.ContentType);
        (string version, string kind, byte[] content) = ProtobufEnvelope.Open(protobuf.Bytes);
        Assert.Equal(("v1", "ConfigMapList"), (version, kind));
        JsonMap list = ProtobufDecoder.Decode(content, ApiFacts.Newest.Type("io.k8s.api.core.v1.ConfigMapList"));
        Normalizer.Normalize(list, ApiFacts.Newest.Type("io.k8s.api.core.v1.ConfigMapList"));
        Assert.Equal(Text(json.Json["items"]!), JsonWriting.ToText(list["items"]));
        Assert.Equal((string?)json.Json["metadata"]!["resourceVersion"], list.Map("metadata")!.String("resourceVersion"));
    }

    [Fact]
    public async Task List_LimitedProtobuf_CanBeContinued()
    {
        string path = await CreateAsync(5);

        ApiAnswer page = await server.SendAsync("GET", path + "?limit=2", accept: Protobuf);

        JsonMap list = ProtobufDecoder.Decode(
            ProtobufEnvelope.Open(page.Bytes).Content, ApiFacts.Newest.Type("io.k8s.api.core.v1.ConfigMapList"));
        Assert.Equal(2, list.List("items")!.Count);
        Assert.Equal(3L, list.Map("metadata")!["remainingItemCount"]);
        string rest = Uri.EscapeDataString(list.Map("metadata")!.String("continue")!);
        ApiAnswer second = await server.SendAsync("GET", $"{path}?limit=5&continue={rest}");
        Assert.Equal(3, second.Json["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task List_Metadata_IsEachObjectsMetadataInEveryEncoding()
    {
        string path = await CreateAsync(4);
        JsonArray whole = (await server.SendAsync("GET", path)).Json["items"]!.AsArray();

        ApiAnswer json = await server.SendAsync("GET", path, accept: Json + ManyMetadata);
        ApiAnswer indented = await server.SendAsync("GET", path + "?pretty=true", accept: Json + ManyMetadata);
        ApiAnswer protobuf = await server.SendAsync("GET", path, accept: Protobuf + ManyMetadata);

        Assert.Equal(("PartialObjectMetadataList", "meta.k8s.io/v1"), ((string?)json.Json["kind"], (string?)json.Json["apiVersion"]));
        Assert.True(JsonNode.DeepEquals(json.Json, indented.Json));
        Assert.Equal(whole.Select(o => Text(o!["metadata"]!)), json.Json["items"]!.AsArray().Select(i => Text(i!["metadata"]!)));
        Assert.All(json.Json["items"]!.AsArray(), i => Assert.Equal("PartialObjectMetadata", (string?)i!["kind"]));
        Assert.Equal(Protobuf, protobuf.ContentType);
        (string version, string kind, byte[] content) = ProtobufEnvelope.Open(protobuf.Bytes);
        Assert.Equal(("meta.k8s.io/v1", "PartialObjectMetadataList"), (version, kind));
        Assert.Equal(whole.Select(o => Text(o!["metadata"]!)), Fields(content, 2).Select(MetadataOf));
    }

    [Fact]
    public async Task Get_MetadataInProtobuf_IsProtobuf()
    {
        string path = await CreateAsync(1) + "/c-000";

        ApiAnswer json = await server.SendAsync("GET", path), protobuf = await server.SendAsync(
            "GET", path, accept: Protobuf + OneMetadata);

        Assert.Equal(Protobuf, protobuf.ContentType);
        (string version, string kind, byte[] content) = ProtobufEnvelope.Open(protobuf.Bytes);
        Assert.Equal(("meta.k8s.io/v1", "PartialObjectMetadata"), (version, kind));
        Assert.Equal(Text(json.Json["metadata"]!), MetadataOf(content));
    }

    [Fact]
    public async Task Watch_ProtobufAndMetadata_ShowWhatJsonShows()
    {
        string path = await CreateAsync(0),
            query = "?watch=1&resourceVersion=" + (string?)(await server.SendAsync("GET", path)).Json["metadata"]!["resourceVersion"];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using Stream json = await WatchAsync(path + query, Json, limit.Token);
        Stream[] objects = [await WatchAsync(path + query, Protobuf, limit.Token), await WatchAsync(path + query, Protobuf, limit.Token)];
        await using Stream metadata = await WatchAsync(path + query, Protobuf + OneMetadata, limit.Token);
        await server.SendAsync("POST", path, ApiServerFixture.Named("watched"));
        await server.SendAsync("DELETE", path + "/watched");

        foreach (string type in (string[])["ADDED", "DELETED"])
        {
            JsonNode expected = JsonNode.Parse(await LineAsync(json, limit.Token))!;
            Assert.Equal(type, (string?)expected["type"]);
            foreach (Stream stream in objects)
            {
                (string seen, string kind, byte[] content) = await FrameAsync(stream, limit.Token);
                JsonMap obj = ProtobufDecoder.Decode(content, ApiFacts.Newest.Type("io.k8s.api.core.v1.ConfigMap"));
                Assert.Equal((type, "ConfigMap"), (seen, kind));
                Assert.Equal((string?)expected["object"]!["metadata"]!["resourceVersion"], obj.Map("metadata")!.String("resourceVersion"));
            }

            (string shown, string shape, byte[] part) = await FrameAsync(metadata, limit.Token);
            Assert.Equal((type, "PartialObjectMetadata"), (shown, shape));
            Assert.Equal(Text(expected["object"]!["metadata"]!), MetadataOf(part));
        }

        Array.ForEach(objects, s => s.Dispose());
    }

    private static string MetadataOf(byte[] partial)
    {
        Schema schema = ApiFacts.Newest.Type(Meta + "ObjectMeta");
        JsonMap metadata = ProtobufDecoder.Decode(Assert.Single(Fields(partial, 1)), schema);
        Normalizer.Normalize(metadata, schema);
        return JsonWriting.ToText(metadata);
    }

    private static List<byte[]> Fields(byte[] message, int field)
    {
        var found = new List<byte[]>();
        var reader = new WireReader(message);
        while (!reader.AtEnd)
        {
            (int number, int type) = reader.ReadTag();
            if (number == field)
            {
                found.Add(reader.ReadBytes().ToArray());
            }
            else
            {
                reader.Skip(type);
            }
        }

        return found;
    }

    private static string Text(JsonNode node) => JsonWriting.ToText(JsonReading.Read(Encoding.UTF8.GetBytes(node.ToJsonString())));

    private static async Task<byte[]> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        byte[] one = new byte[1];
        do
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            line.Add(one[0]);
        }
        while (one[0] != '\n');
        return [.. line];
    }

    private static async Task<(string Type, string Kind, byte[] Content)> FrameAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length, cancellationToken);
        byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
        await stream.ReadExactlyAsync(frame, cancellationToken);
        (_, string kind, byte[] content) = ProtobufEnvelope.Open(Assert.Single(Fields(Assert.Single(Fields(frame, 2)), 1)));
        return (Encoding.UTF8.GetString(Assert.Single(Fields(frame, 1))), kind, content);
    }

    private async Task<Stream> WatchAsync(string path, string accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        HttpResponseMessage response = await server.Admin.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    private async Task<string> CreateAsync(int count)
    {
        string path = $"/api/v1/namespaces/{await server.NewNamespaceAsync()}/configmaps";
        for (int i = 0; i < count; i++)
        {
            await server.SendAsync(
                "POST", path,
                $$$"""{"metadata":{"name":"c-{{{i:000}}}","labels":{"n":"{{{i}}}"}},"data":{"text":"{{{new string('x', 600)}}}"}}""");
        }

        return path;
    }
}
