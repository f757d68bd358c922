using KubeLite.ApiServer.Tests.Serving;
using Xunit;

namespace KubeLite.ApiServer.Tests.Limits;

public sealed class InFlightTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Post_OneTooMany_Is429UntilTheFirstIsDone()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(
            o => o with { PriorityAndFairness = false, MaxMutatingRequestsInFlight = 1, AuthorizationModes = ["AlwaysAllow"] });
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        StalledRequest first = await StalledRequest.StartAsync(server, jane, ConfigMaps, ApiServerFixture.Named("first"));
        ApiAnswer refused = await PostAsync(jane, "one-too-many");
        ApiAnswer read = await ApiServerFixture.SendAsync(jane, "GET", ConfigMaps, null, "", "*/*");
        ApiAnswer master = await PostAsync(server.Admin, "by-a-master");

        first.Content.Release();
        using HttpResponseMessage done = await first.Answer;

        Assert.Equal("1", refused.Headers["Retry-After"]);
        Assert.Equal("Too many requests, please try again later.\n", refused.Text);
        Assert.Equal(200, read.Code);
        Assert.Equal(201, master.Code);
        Assert.Equal(201, (int)done.StatusCode);
        await Until.TrueAsync(async () => (await PostAsync(jane, "second")).Code is 201 or 409, "there is room again");
    }

    [Fact]
    public async Task Watch_AnyNumber_IsNotCounted()
    {
        await using ApiServerFixture server = await ApiServerFixture.StartAsync(
            o => o with { PriorityAndFairness = false, MaxRequestsInFlight = 1, AuthorizationModes = ["AlwaysAllow"] });
        using HttpClient jane = server.NewClient(ApiServerFixture.UserToken);
        using HttpResponseMessage one = await jane.GetAsync($"{ConfigMaps}?watch=1", HttpCompletionOption.ResponseHeadersRead);
        using HttpResponseMessage two = await jane.GetAsync($"{ConfigMaps}?watch=1", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(200, (int)two.StatusCode);
        Assert.Equal(200, (await ApiServerFixture.SendAsync(jane, "GET", ConfigMaps, null, "", "*/*")).Code);
    }

    private static Task<ApiAnswer> PostAsync(HttpClient client, string name) =>
        ApiServerFixture.CreateNamedAsync(client, ConfigMaps, name);
}
