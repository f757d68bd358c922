using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Endpoints;

public sealed class HealthTests(ApiServerFixture server) : IClassFixture<ApiServerFixture>
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/livez")]
    [InlineData("/readyz")]
    [InlineData("/livez/ping")]
    [InlineData("/readyz/shutdown")]
    [InlineData("/healthz/poststarthook/rbac/bootstrap-roles")]
    [InlineData("/readyz/poststarthook/storage-readiness")]
    public async Task Get_Healthy_IsOk(string path)
    {
        ApiAnswer answer = await server.SendAsync("GET", path);

        Assert.Equal(200, answer.Code);
        Assert.Equal("ok", answer.Text);
        Assert.Equal("text/plain; charset=utf-8", answer.ContentType);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }

    [Theory]
    [InlineData("/livez/nope")]
    [InlineData("/livez/shutdown")]
    [InlineData("/healthz/")]
    public async Task Get_CheckThatIsNone_Is404(string path) => Assert.Equal(404, (await server.SendAsync("GET", path)).Code);

    [Fact]
    public async Task Get_Verbose_ListsTheChecks()
    {
        ApiAnswer answer = await server.SendAsync("GET", "/readyz?verbose&exclude=etcd&exclude=\"log\"&exclude=nope");

        Assert.StartsWith(
            "[+]ping ok\n[+]log excluded: ok\n[+]etcd excluded: ok\n[+]etcd-readiness ok\n[+]informer-sync ok\n", answer.Text);
        Assert.EndsWith(
            "[+]shutdown ok\nwarn: some health checks cannot be excluded: no matches for \"nope\"\nreadyz check passed\n", answer.Text);
    }

    [Fact]
    public async Task Get_NoCredentials_IsAnswered()
    {
        using HttpClient nobody = server.NewClient(null);

        Assert.Equal("ok", await nobody.GetStringAsync("/readyz"));
    }
}
