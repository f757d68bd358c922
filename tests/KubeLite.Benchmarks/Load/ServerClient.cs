using System.Net;
using System.Net.Http.Headers;

namespace KubeLite.Benchmarks.Load;

/// <summary>HTTP/2 over several connections to one server. Thread-safe.</summary>
public sealed class ServerClient : IDisposable
{
    private const int Connections = 8;

    private readonly HttpClient[] _clients;
    private int _turn;

    /// <summary>Prepares; connects to nothing yet.</summary>
    public ServerClient(ServerAccess access)
    {
        Access = access;
        _clients = [.. Enumerable.Range(0, Connections).Select(_ => Connect())];
    }

    /// <summary>Where the server is, and as whom it is spoken to.</summary>
    public ServerAccess Access { get; }

    /// <summary>Sends a request and reads the whole answer, which isn't kept.</summary>
    /// <returns>The bytes of the answer's body; -1 where the server refused.</returns>
    public async Task<long> SendAsync(
        HttpMethod method, string path, byte[]? body = null, string type = "application/json", string? accept = null)
    {
        using HttpResponseMessage response = await RespondAsync(method, path, body, type, accept);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 << 10);
        long total = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            total += read;
        }

        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        return response.IsSuccessStatusCode ? total : -1;
    }

    /// <summary>Sends a request and keeps the answer.</summary>
    /// <exception cref="HttpRequestException">The server refused; the message holds what it said.</exception>
    public async Task<byte[]> ReadAsync(HttpMethod method, string path, byte[]? body = null, string type = "application/json")
    {
        using HttpResponseMessage response = await RespondAsync(method, path, body, type, null);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? answer
            : throw new HttpRequestException($"{method} {path}: {System.Text.Encoding.UTF8.GetString(answer)}", null, response.StatusCode);
    }

    /// <summary>Begins to read an answer that goes on.</summary>
    public async Task<Stream> StreamAsync(string path, CancellationToken cancellationToken)
    {
        HttpClient client = _clients[(uint)Interlocked.Increment(ref _turn) % Connections];
        HttpResponseMessage response = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => Array.ForEach(_clients, c => c.Dispose());

    private async Task<HttpResponseMessage> RespondAsync(HttpMethod method, string path, byte[]? body, string type, string? accept)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        HttpClient client = _clients[(uint)Interlocked.Increment(ref _turn) % Connections];
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private HttpClient Connect()
    {
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true, InitialHttp2StreamWindowSize = 1 << 20 };
        Access.Apply(handler.SslOptions);
        var client = new HttpClient(handler)
        {
            BaseAddress = Access.Server,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromMinutes(2),
        };
        if (Access.Token.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Access.Token);
        }

        return client;
    }
}
