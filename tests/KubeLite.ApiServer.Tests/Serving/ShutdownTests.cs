using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeLite.ApiServer.Tests.Serving;

public sealed class ShutdownTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task StopAsync_RequestInFlight_IsFinished()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(
            o => o with { AuthorizationModes = ["AlwaysAllow"] });
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        StalledRequest request = await StalledRequest.StartAsync(server, jane, ConfigMaps, ApiServerFixture.Named("a"));

        Task stop = server.Process.StopAsync(CancellationToken.None);
        request.Content.Release();
        using HttpResponseMessage response = await request.Answer;
        await stop;

        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task StopAsync_Watch_EndsAsIfItsTimeWereOver()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(o => o);
        using HttpResponseMessage watch = await server.Admin.GetAsync($"{ConfigMaps}?watch=1", HttpCompletionOption.ResponseHeadersRead);
        await server.SendAsync("POST", ConfigMaps, ApiServerFixture.Named("a"));
        using var events = new StreamReader(await watch.Content.ReadAsStreamAsync());
        string? added = await events.ReadLineAsync();

        await server.Process.StopAsync(CancellationToken.None);

        Assert.Contains("\"type\":\"ADDED\"", added);
        Assert.Equal("", await events.ReadToEndAsync());
    }

    [Fact]
    public async Task StopAsync_NewWatchWhileRequestsEnd_IsSentElsewhere()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(o => o with { AuthorizationModes = ["AlwaysAllow"] });
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        StalledRequest request = await StalledRequest.StartAsync(server, jane, ConfigMaps, ApiServerFixture.Named("a"));
        using HttpResponseMessage open = await server.Admin.GetAsync($"{ConfigMaps}?watch=1", HttpCompletionOption.ResponseHeadersRead);
        using var events = new StreamReader(await open.Content.ReadAsStreamAsync());
        var watch = new DefaultHttpContext
        {
            Request = { Method = "GET", Path = ConfigMaps, QueryString = new("?watch=1") },
            Response = { Body = new MemoryStream() },
        };
        watch.Request.Headers.Authorization = "Bearer " + ApiServerFixture.AdminToken;

        Task stop = server.Process.StopAsync(CancellationToken.None);
        await events.ReadToEndAsync();
        await server.Process.Handler!(watch);
        request.Content.Release();
        using HttpResponseMessage response = await request.Answer;
        await stop;

        Assert.Equal(503, watch.Response.StatusCode);
        Assert.Equal("1", watch.Response.Headers.RetryAfter);
        Assert.Equal("nosniff", watch.Response.Headers.XContentTypeOptions);
        Assert.Equal(201, (int)response.StatusCode);
    }

    [Fact]
    public async Task StopAsync_Delay_ServesButIsNotReady()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(o => o with { ShutdownDelay = TimeSpan.FromMinutes(10) });
        using var patience = new CancellationTokenSource();
        Task stop = server.Process.StopAsync(patience.Token);
        ApiAnswer ready = null!;
        await Until.TrueAsync(async () => (ready = await server.SendAsync("GET", "/readyz")).Code == 500, "the server is not ready");
        ApiAnswer live = await server.SendAsync("GET", "/livez");
        ApiAnswer write = await server.SendAsync("POST", ConfigMaps, ApiServerFixture.Named("a"));

        await patience.CancelAsync();
        await stop;

        Assert.Contains("[-]shutdown failed: reason withheld\n", ready.Text);
        Assert.EndsWith("readyz check failed\n", ready.Text);
        Assert.Equal(200, live.Code);
        Assert.Equal(201, write.Code);
    }
}
