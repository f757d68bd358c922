using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

/// <summary>What a delete answers: the object while it stays or where its kind says so, else a Status.</summary>
public sealed class DeleteAnswerTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    private const string Controller =
        """{"metadata":{"name":"x"},"spec":{"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";

    [Theory]
    [InlineData("replicationcontrollers", Controller, "", "ReplicationController")]
    [InlineData("replicationcontrollers", Controller, "?propagationPolicy=Background", "Status")]
    [InlineData("configmaps", """{"metadata":{"name":"x"}}""", "", "Status")]
    [InlineData("configmaps", """{"metadata":{"name":"x"}}""", "?propagationPolicy=Orphan", "ConfigMap")]
    [InlineData("serviceaccounts", """{"metadata":{"name":"x"}}""", "", "ServiceAccount")]
    public async Task Delete_Answers_ByWhetherItStays(string resource, string body, string query, string kind)
    {
        string path = $"/api/v1/namespaces/{await server.NewNamespaceAsync()}/{resource}";
        Assert.Equal(201, (await server.SendAsync("POST", path, body)).Code);

        ApiAnswer answer = await server.SendAsync("DELETE", $"{path}/x{query}");

        Assert.Equal(kind, (string?)answer.Json["kind"]);
    }
}
