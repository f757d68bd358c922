using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s.Models;

namespace KubeLite.ControllerRuntime.Client;

/// <summary>Sends one request and turns what isn't a success into an <see cref="ApiStatusException"/>. Thread-safe.</summary>
internal sealed class ApiTransport : IDisposable
{
    private static readonly TimeSpan s_tokenLifetime = TimeSpan.FromMinutes(1);

    private readonly ApiClientOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private string? _fileToken;
    private long _fileTokenRead;

    internal ApiTransport(ApiClientOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _http = new HttpClient(options.CreateHandler())
        {
            BaseAddress = options.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        _http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", options.UserAgent);
        Json = options.JsonTypes is { } types ? KubeJson.With(types) : KubeJson.Options;
    }

    /// <summary>What bodies are written and read with.</summary>
    internal JsonSerializerOptions Json { get; }

    /// <summary>Sends and reads one JSON answer.</summary>
    internal Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, string accept, CancellationToken cancellationToken) =>
        SendAsync(
            method, path, content, accept,
            async (body, ct) => await JsonSerializer.DeserializeAsync(body, KubeJson.Type<T>(Json), ct).ConfigureAwait(false)
                ?? throw new JsonException($"{method} {path} was answered with null."),
            cancellationToken);

    /// <summary>Sends and reads the answer as <paramref name="read"/> does.</summary>
    internal async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, string accept, Func<Stream, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        await ServingAsync(cancellationToken).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await SendCoreAsync(method, path, content, accept, linked.Token).ConfigureAwait(false);
            using var body = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            return await read(body, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{method} {path} wasn't answered within {_options.RequestTimeout.TotalSeconds} s.");
        }
    }

    /// <summary>Sends and hands over the answer as it streams; the caller disposes it. No time limit but the token's.</summary>
    internal async Task<HttpResponseMessage> StreamAsync(string path, string accept, CancellationToken cancellationToken)
    {
        await ServingAsync(cancellationToken).ConfigureAwait(false);
        return await SendCoreAsync(HttpMethod.Get, path, null, accept, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private Task ServingAsync(CancellationToken cancellationToken) =>
        _options.Serving?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    private async Task<HttpResponseMessage> SendCoreAsync(
        HttpMethod method, string path, HttpContent? content, string accept, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        request.Headers.TryAddWithoutValidation("Accept", accept);
        var token = await TokenAsync(cancellationToken).ConfigureAwait(false);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }
        using (response)
        {
            throw new ApiStatusException(await ReadStatusAsync(response, cancellationToken).ConfigureAwait(false));
        }
    }

    private async ValueTask<string?> TokenAsync(CancellationToken cancellationToken)
    {
        if (_options.BearerTokenFile is not { } file)
        {
            return _options.BearerToken;
        }
        if (_fileToken is null || _time.GetElapsedTime(_fileTokenRead) >= s_tokenLifetime)
        {
            _fileToken = (await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false)).Trim();
            _fileTokenRead = _time.GetTimestamp();
        }
        return _fileToken;
    }

    private static async Task<V1Status> ReadStatusAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        V1Status? status = null;
        if (body.AsSpan().TrimStart(" \r\n\t"u8).StartsWith("{"u8))
        {
            try
            {
                status = KubeJson.Deserialize<V1Status>(body);
            }
            catch (JsonException)
            {
                // Something between us and the server answered; its code is all there is to tell.
            }
        }
        status ??= new V1Status { Message = $"The server answered {(int)response.StatusCode} {response.ReasonPhrase}." };
        status.Code ??= (int)response.StatusCode;
        return status;
    }
}
