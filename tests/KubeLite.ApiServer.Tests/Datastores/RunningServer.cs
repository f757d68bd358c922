using System.Net;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.ApiServer.Tests.Serving;

namespace KubeLite.ApiServer.Tests.Datastores;

/// <summary>An API server in this process over a test's own store, whose answers are read as documents.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ApiServerFixture _fixture;

    private RunningServer(ApiServerFixture fixture) => _fixture = fixture;

    /// <summary>Starts a server; the options only need to name the store.</summary>
    public static async Task<RunningServer> StartAsync(Func<ApiServerOptions, ApiServerOptions> store, TimeProvider? time = null) =>
        new(await ApiServerFixture.StartAsync(store, time: time));

    /// <summary>Sends a request and gives the answer's code and body.</summary>
    public async Task<(HttpStatusCode Code, JsonMap Body)> SendAsync(
        HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        using HttpResponseMessage response = await _fixture.Admin.SendAsync(request);
        return (response.StatusCode, JsonReading.ReadMap(await response.Content.ReadAsByteArrayAsync()));
    }

    /// <summary>An object that is there.</summary>
    public async Task<JsonMap> GetAsync(string path)
    {
        (HttpStatusCode code, JsonMap body) = await SendAsync(HttpMethod.Get, path);
        return code == HttpStatusCode.OK ? body : throw new InvalidOperationException($"{path}: {code} {body.String("message")}");
    }

    /// <summary>The lines of a watch as they come.</summary>
    public async Task<StreamReader> WatchAsync(string path) => new(await _fixture.Admin.GetStreamAsync(path));

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _fixture.DisposeAsync();
}
