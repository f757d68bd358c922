using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeLite.Golden;

/// <summary>Sends the requests of conversations; takes any server certificate, since the server is the one under test.</summary>
public sealed class GoldenClient : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client;
    private readonly string _token;

    /// <summary>A client of a server.</summary>
    public GoldenClient(Uri server, string token)
    {
        _token = token;
        _client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        })
        {
            BaseAddress = server,
            Timeout = s_patience,
        };
    }

    /// <summary>Sends a request and reads the whole answer; a stream that doesn't end is read for as long as patience lasts.</summary>
    public async Task<GoldenAnswer> SendAsync(string method, string path, IReadOnlyDictionary<string, string> headers, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (!headers.Keys.Contains("User-Agent", StringComparer.OrdinalIgnoreCase))
        {
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("golden", null));
        }

        if (_token.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        }

        string? contentType = null;
        bool accepts = false;
        foreach ((string name, string value) in headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            {
                contentType = value;
                continue;
            }

            accepts |= name.Equals("Accept", StringComparison.OrdinalIgnoreCase);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (!accepts)
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
        }

        if (body is not null || contentType is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body ?? ""));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType ?? "application/json");
        }

        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var raw = new MemoryStream();
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await response.Content.CopyToAsync(raw, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // What came so far is the answer.
        }

        // Of several warnings the recordings hold the last.
        string? warning = response.Headers.TryGetValues("Warning", out IEnumerable<string>? warnings) ? warnings.Last() : null;
        return new GoldenAnswer(
            (int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? "",
            warning, Encoding.UTF8.GetString(raw.ToArray()));
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();
}

/// <summary>What a server answered.</summary>
public sealed record GoldenAnswer(int Status, string ContentType, string? Warning, string Text)
{
    /// <summary>The media type without parameters.</summary>
    public string MediaType => ContentType.Split(";as=")[0].Split(';')[0].Trim();

    /// <summary>The body: parsed where it is JSON, the list of events where it is a watch, else the text.</summary>
    public JsonNode? Body(bool watch)
    {
        if (!ContentType.Contains("json", StringComparison.Ordinal))
        {
            return JsonValue.Create(Text);
        }

        if (!watch)
        {
            return Parse(Text);
        }

        var events = new JsonArray();
        foreach (string line in Text.Split('\n'))
        {
            if (line.Trim().Length > 0)
            {
                events.Add(Parse(line.Trim()));
            }
        }

        return events;
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
