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
    [InlineData("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "application/json")]
    [InlineData("application/json;as=Table;v=v2;g=meta.k8s.io,application/yaml", "application/yaml")]
    [InlineData("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/json")]
    public async Task Get_Accept_ChoosesTheForm(string accept, string type)
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces/default", accept: accept);

        Assert.Equal(200, answer.Code);
        Assert.Equal(type, answer.ContentType);
    }

    [Theory]
    [InlineData(
        "/default", "text/html",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData(
        "/default", "application/*",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData(
        "", "text/html",
        "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch")]
    [InlineData(
        "/default", "application/json;as=Nope;v=v1;g=meta.k8s.io",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData(
        "/default", "application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io",
        "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")]
    [InlineData(
        "/default", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
        "you requested PartialObjectMetadataList, but the requested object is not a list (*core.Namespace)")]
    [InlineData(
        "", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "you requested PartialObjectMetadata, but the requested object is a list (*core.NamespaceList)")]
    public async Task Get_NothingAcceptable_Is406(string path, string accept, string message)
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces" + path, accept: accept);

        Assert.Equal(406, answer.Code);
        Assert.Equal("NotAcceptable", answer.Reason);
        Assert.Equal(message, answer.Message);
    }

    [Theory]
    [InlineData("application/yaml;q=0.1,*/*", "application/json")]
    [InlineData("*/*,application/yaml;q=0.1", "application/yaml")]
    [InlineData("application/yaml;q=x,application/json;q=0.1", "application/json")]
    [InlineData("application/yaml,application/json", "application/yaml")]
    [InlineData("application/json;stream=other,application/yaml", "application/yaml")]
    public async Task Get_SeveralAcceptable_FirstInKubernetesOrder(string accept, string type) =>
        Assert.Equal(type, (await server.SendAsync("GET", "/api/v1/namespaces/default", accept: accept)).ContentType);

    [Fact]
    public async Task Watch_Yaml_Is406()
    {
        ApiAnswer answer = await server.SendAsync("GET", "/api/v1/namespaces?watch=1", accept: "application/yaml");

        Assert.Equal(406, answer.Code);
        Assert.Contains("application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch", answer.Text);
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
        ApiAnswer table = await server.SendAsync(
            "GET", "/api/v1/namespaces/nope", accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");

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
