using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KubeLite.ApiMachinery.Documents;
using KubeLite.Storage.Tests.Contract;
using Microsoft.Extensions.Logging.Abstractions;

namespace KubeLite.ApiServer.Tests.Datastores;

/// <summary>An API server in this process on a free port, and an administrator's client of it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private const string Token = "test-token";

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http;
    private ApiServerProcess? _server;

    private RunningServer() => _http = new HttpClient(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    })
    {
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token) },
    };

    /// <summary>Where it is.</summary>
    public string Url => $"https://127.0.0.1:{_server!.Port}";

    /// <summary>Starts a server; its options only need to name the store.</summary>
    public static async Task<RunningServer> StartAsync(ApiServerOptions options, TimeProvider? time = null)
    {
        var running = new RunningServer();
        string tokens = running._folder.File("tokens.csv");
        await File.WriteAllTextAsync(tokens, $"{Token},admin,1,\"system:masters\"\n");
        running._server = new ApiServerProcess(
            options with { BindAddress = "127.0.0.1", SecurePort = 0, TokenAuthFile = tokens }, NullLoggerFactory.Instance, time ?? TimeProvider.System);
        try
        {
            await running._server.StartAsync(CancellationToken.None);
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a request and gives the answer's code and body.</summary>
    public async Task<(HttpStatusCode Code, JsonMap Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, Url + path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        using HttpResponseMessage response = await _http.SendAsync(request);
        return (response.StatusCode, JsonReading.ReadMap(await response.Content.ReadAsByteArrayAsync()));
    }

    /// <summary>An object that is there.</summary>
    public async Task<JsonMap> GetAsync(string path)
    {
        (HttpStatusCode code, JsonMap body) = await SendAsync(HttpMethod.Get, path);
        return code == HttpStatusCode.OK ? body : throw new InvalidOperationException($"{path}: {code} {body.String("message")}");
    }

    /// <summary>The lines of a watch as they come.</summary>
    public async Task<StreamReader> WatchAsync(string path) => new(await _http.GetStreamAsync(Url + path));

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _http.Dispose();
        _folder.Dispose();
    }
}
