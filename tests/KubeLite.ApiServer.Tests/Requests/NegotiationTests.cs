using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Requests;

public sealed class NegotiationTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/yaml", "application/yaml")]
    [InlineData("application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf")]
    [InlineData("text/html,application/json;q=0.5,application/yaml;q=0.8", "application/yaml")]
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "application/json; as=Table; g=meta.k8s.io; v=v1")]
    [InlineData("application/json;as=Table;v=v2;g=meta.k8s.io,application/yaml", "application/yaml")]
    [InlineData("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/json; as=PartialObjectMetadata; g=meta.k8s.io; v=v1")]
    public async Task Get_Accept_ChoosesTheForm(string accept, string type)
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces/default", accept: accept);

        Assert.Equal(200, answer.Code);
        Assert.Equal(type, answer.ContentType);
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json;as=Nope;v=v1;g=meta.k8s.io")]
    [InlineData("application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")]
    public async Task Get_NothingAcceptable_Is406(string accept)
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces/default", accept: accept);

        Assert.Equal(406, answer.Code);
        Assert.Equal("NotAcceptable", answer.Reason);
    }

    [Fact]
    public async Task Get_ProtobufEnvelope_HasMagicAndKind()
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces/default", accept: "application/vnd.kubernetes.protobuf");

        Assert.Equal("k8s\0"u8.ToArray(), answer.Bytes[..4]);
        Assert.Contains("Namespace", answer.Text);
    }

    [Fact]
    public async Task Get_Missing_StatusIsInTheFormAskedFor()
    {
        ApiAnswer yaml = await server.SendAsync("GET", "/api/v1/namespaces/nope", accept: "application/yaml");
        ApiAnswer protobuf = await server.SendAsync("GET", "/api/v1/namespaces/nope", accept: "application/vnd.kubernetes.protobuf");
        ApiAnswer table = await server.SendAsync("GET", "/api/v1/namespaces/nope", accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");

        Assert.Contains("reason: NotFound", yaml.Text);
        Assert.Equal("k8s\0"u8.ToArray(), protobuf.Bytes[..4]);
        Assert.Equal("Status", (string)table.Json["kind"]!);
    }

    [Fact]
    public async Task Get_Pretty_IsIndented()
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces/default?pretty=true");

        Assert.StartsWith("{\n  \"kind\": \"Namespace\",\n", answer.Text);
    }
}
