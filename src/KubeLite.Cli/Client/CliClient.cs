using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLite.ControllerRuntime.Client;

namespace KubeLite.Cli.Client;

/// <summary>Speaks JSON to the API server for the commands, which know no models.</summary>
internal sealed class CliClient : IDisposable
{
    /// <summary>Asks for a server-side table, or the object where there is none.</summary>
    public const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private readonly HttpClient _http;

    /// <summary>Connects as the options say; nothing is sent yet.</summary>
    public CliClient(ApiClientOptions options)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        if (options.InsecureSkipTlsVerify)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        }
        else if (options.CertificateAuthorities is { Count: > 0 } authorities)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, given, _, errors) => IsTrusted(given, errors, authorities);
        }

        _http = new HttpClient(handler) { BaseAddress = options.Server, Timeout = Timeout.InfiniteTimeSpan };
        if (options.BearerToken is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>Reads a kubeconfig and connects.</summary>
    /// <exception cref="CliException">There is none, or it cannot be understood.</exception>
    public static async Task<CliClient> ConnectAsync(string? kubeconfig, string dataFolder, CancellationToken cancellationToken)
    {
        try
        {
            return new CliClient(await Kubeconfig.LoadAsync(Choose(kubeconfig, dataFolder), "kubelite", cancellationToken));
        }
        catch (KubeconfigException e)
        {
            throw new CliException(e.Message);
        }
    }

    /// <summary>Sends a request and reads a JSON answer with its status code.</summary>
    /// <exception cref="CliException">The server cannot be reached or refuses.</exception>
    public async Task<(int Code, JsonObject Body)> SendAsync(
        HttpMethod method, string path, string accept, string? body, string? contentType, CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(method, path, accept, body, contentType, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        try
        {
            var node = await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken);
            return ((int)response.StatusCode, node as JsonObject ?? []);
        }
        catch (JsonException)
        {
            throw new CliException($"the server's answer to {method} {path} is not JSON");
        }
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="CliException">The server cannot be reached or refuses.</exception>
    public async Task<JsonObject> GetAsync(string path, string accept, CancellationToken cancellationToken) =>
        (await SendAsync(HttpMethod.Get, path, accept, null, null, cancellationToken)).Body;

    /// <summary>Sends a request and hands over the answer as it streams.</summary>
    /// <exception cref="CliException">The server cannot be reached or refuses.</exception>
    public async Task<HttpResponseMessage> OpenAsync(
        HttpMethod method, string path, string accept, string? body, string? contentType, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
        }

        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CliException(
                $"the API server at {_http.BaseAddress} cannot be reached ({e.GetBaseException().Message}): is the cluster up?");
        }

        if (!response.IsSuccessStatusCode)
        {
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            response.Dispose();
            throw new CliException(Explain(text, (int)response.StatusCode));
        }

        return response;
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static string Choose(string? kubeconfig, string dataFolder)
    {
        if (!string.IsNullOrEmpty(kubeconfig))
        {
            return kubeconfig;
        }

        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } set)
        {
            return set.Split(Path.PathSeparator)[0];
        }

        var own = Up.DataFolder.AdminKubeconfigOf(dataFolder);
        if (File.Exists(own))
        {
            return own;
        }

        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(home) ? home : throw new CliException("no cluster is known: start one with kubelite up, or give --kubeconfig");
    }

    private static string Explain(string text, int code)
    {
        try
        {
            if (JsonNode.Parse(text) is JsonObject status && (string?)status["message"] is { Length: > 0 } message)
            {
                return $"Error from server ({(string?)status["reason"] ?? code.ToString()}): {message}";
            }
        }
        catch (JsonException)
        {
            // Not a Status; shown as it is.
        }

        return $"Error from server ({code}): {text.Trim()}";
    }

    private static bool IsTrusted(X509Certificate? given, SslPolicyErrors errors, X509Certificate2Collection authorities)
    {
        if (given is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var leaf = X509CertificateLoader.LoadCertificate(given.GetRawCertData());
        return chain.Build(leaf);
    }
}
