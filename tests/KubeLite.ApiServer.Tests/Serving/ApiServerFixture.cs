using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace KubeLite.ApiServer.Tests.Serving;

/// <summary>
/// An API server in this process: memory store, a free port, its own TLS certificate, an administrator's token. Tests that
/// share one keep apart by namespace; <see cref="StartAsync"/> makes one with other options.
/// </summary>
public sealed class ApiServerFixture : IAsyncLifetime, IAsyncDisposable
{
    /// <summary>The token of a member of system:masters.</summary>
    public const string AdminToken = "admin-token";

    /// <summary>The token of the user "jane", whom nothing is allowed.</summary>
    public const string UserToken = "user-token";

    private readonly string _tokens = Path.GetTempFileName();
    private readonly Func<ApiServerOptions, ApiServerOptions> _change;
    private readonly ILoggerFactory _loggers;
    private readonly TimeProvider _time;
    private int _namespaces;

    /// <summary>One with the default options; xunit makes it for a class of tests.</summary>
    public ApiServerFixture() : this(static options => options, NullLoggerFactory.Instance, TimeProvider.System)
    {
    }

    private ApiServerFixture(Func<ApiServerOptions, ApiServerOptions> change, ILoggerFactory loggers, TimeProvider time)
    {
        _change = change;
        _loggers = loggers;
        _time = time;
    }

    /// <summary>The server.</summary>
    public ApiServerProcess Process { get; private set; } = null!;

    /// <summary>A client with the administrator's token.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <summary>Where it listens.</summary>
    public Uri Address => new($"https://127.0.0.1:{Process.Port}");

    /// <summary>Starts a server with options of a test's own.</summary>
    public static async Task<ApiServerFixture> StartAsync(
        Func<ApiServerOptions, ApiServerOptions> change, ILoggerFactory? loggers = null, TimeProvider? time = null)
    {
        var fixture = new ApiServerFixture(change, loggers ?? NullLoggerFactory.Instance, time ?? TimeProvider.System);
        try
        {
            await fixture.InitializeAsync();
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokens, $"{AdminToken},admin,1,\"system:masters\"\n{UserToken},jane,2\n");
        var options = new ApiServerOptions
        {
            BindAddress = "127.0.0.1",
            SecurePort = 0,
            TokenAuthFile = _tokens,
            Datastore = "memory",
        };
        Process = new ApiServerProcess(_change(options), _loggers, _time);
        await Process.StartAsync(CancellationToken.None);
        Admin = NewClient(AdminToken);
    }

    /// <summary>A client with a token; null sends none.</summary>
    public HttpClient NewClient(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        })
        {
            BaseAddress = Address,
        };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    /// <summary>The JSON of an object with nothing but a name.</summary>
    public static string Named(string name) => $$$"""{"metadata":{"name":"{{{name}}}"}}""";

    /// <summary>Makes a namespace that no other test has.</summary>
    public async Task<string> NewNamespaceAsync()
    {
        string name = $"ns-{Interlocked.Increment(ref _namespaces)}";
        ApiAnswer made = await SendAsync("POST", "/api/v1/namespaces", Named(name));
        Assert.Equal(201, made.Code);
        return name;
    }

    /// <summary>Sends a request as the administrator and reads the whole answer.</summary>
    public Task<ApiAnswer> SendAsync(
        string method, string path, string? body = null, string type = "application/json", string accept = "application/json") =>
        SendAsync(Admin, method, path, body is null ? null : Encoding.UTF8.GetBytes(body), type, accept);

    /// <summary>Sends a request and reads the whole answer.</summary>
    public static async Task<ApiAnswer> SendAsync(HttpClient client, string method, string path, byte[]? body, string type, string accept)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method), new Uri(client.BaseAddress!.GetLeftPart(UriPartial.Authority) + path));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using HttpResponseMessage response = await client.SendAsync(request);
        return new ApiAnswer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.ToString() ?? "",
            response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>Creates an object with nothing but a name.</summary>
    public static Task<ApiAnswer> CreateNamedAsync(HttpClient client, string path, string name) =>
        SendAsync(client, "POST", path, Encoding.UTF8.GetBytes(Named(name)), "application/json", "application/json");

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        Admin?.Dispose();
        await Process.DisposeAsync();
        File.Delete(_tokens);
    }

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());
}

/// <summary>What a server answered.</summary>
public sealed record ApiAnswer(int Code, string ContentType, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>The body as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Bytes) ?? throw new InvalidOperationException("the body is null");

    /// <summary>The message of a Status.</summary>
    public string Message => (string?)Json["message"] ?? "";

    /// <summary>The reason of a Status.</summary>
    public string Reason => (string?)Json["reason"] ?? "";
}
