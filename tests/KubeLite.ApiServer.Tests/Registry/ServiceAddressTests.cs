using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Registry;

public sealed class ServiceAddressTests
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Service = """{"metadata":{"name":"same"},"spec":{"clusterIP":"10.96.7.7","ports":[{"port":80}]}}""";

    [Fact]
    public async Task Post_ManyOfOneNameAndAddressAtOnce_OneHasItAndKeepsIt()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(o => o);

        ApiAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.SendAsync("POST", Services, Service)));
        ApiAnswer address = await server.SendAsync("GET", "/apis/networking.k8s.io/v1/ipaddresses/10.96.7.7");
        ApiAnswer other = await server.SendAsync("POST", Services, Service.Replace("same", "other"));

        Assert.Single(answers, a => a.Code == 201);
        Assert.All(answers, a => Assert.Contains(a.Code, new[] { 201, 409, 422 }));
        Assert.Equal(200, address.Code);
        Assert.Equal(422, other.Code);
        Assert.Contains("failed to allocate IP 10.96.7.7: provided IP is already allocated", other.Text);
    }
}
