using System.Text;
using KubeLite.ApiMachinery.Errors;
using KubeLite.ApiServer.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeLite.ApiServer.Streaming;

/// <summary>
/// Passes a request that upgrades its connection (SPDY/3.1, WebSocket) on to a backend and then every byte in both
/// directions, not knowing what they say. A backend that refuses is answered for in its own words.
/// </summary>
/// <param name="stopping">Ends tunnels when the server stops.</param>
public sealed class UpgradeTunnel(CancellationToken stopping)
{
    /// <summary>True where the request asks for its connection to be upgraded.</summary>
    public static bool IsUpgrade(ApiRequest request)
    {
        foreach (string? value in request.Http.Request.Headers.Connection)
        {
            if (value is not null && value.Split(',', StringSplitOptions.TrimEntries).Contains("upgrade", StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Serves the request; returns when the connection has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="connector">Connects to the backend.</param>
    /// <param name="address">The backend.</param>
    /// <param name="target">Path and query there, escaped.</param>
    /// <exception cref="ApiException">500: the backend can't be reached or answers nonsense.</exception>
    public async Task RunAsync(ApiRequest request, BackendConnector connector, BackendAddress address, string target)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, stopping);
        await using Stream backend = await connector.ConnectAsync(address, ended.Token);
        await backend.WriteAsync(Head(request, address, target), ended.Token);
        await backend.FlushAsync(ended.Token);
        UpgradeAnswer answer = await UpgradeAnswer.ReadAsync(backend, ended.Token);
        if (answer.Code == StatusCodes.Status101SwitchingProtocols)
        {
            await SwitchAsync(request, backend, answer, ended.Token);
            return;
        }

        if (answer.Code < 400)
        {
            throw ApiException.Bare($"invalid upgrade response: status code {answer.Code}");
        }

        await RelayAsync(request, backend, answer, ended.Token);
    }

    private static byte[] Head(ApiRequest request, BackendAddress address, string target)
    {
        HttpRequest from = request.Http.Request;
        var head = new StringBuilder();
        head.Append(from.Method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: ").Append(address.Authority).Append("\r\n");
        foreach (var (name, values) in ForwardedHeaders.OfRequest(from, upgrade: true))
        {
            foreach (string? value in values)
            {
                head.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }

        head.Append("\r\n");
        return Encoding.UTF8.GetBytes(head.ToString());
    }

    private static async Task SwitchAsync(ApiRequest request, Stream backend, UpgradeAnswer answer, CancellationToken ended)
    {
        IHttpUpgradeFeature upgrade = request.Http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature
            ? feature
            : throw ApiException.BadRequest("unable to upgrade: the connection can't be taken over");
        HttpResponse response = request.Http.Response;
        response.Headers.Remove("Audit-Id");
        foreach ((string name, string value) in answer.Headers)
        {
            // The connection's own header is set by the upgrade.
            if (!name.Equals("Connection", StringComparison.OrdinalIgnoreCase) && !name.Equals("Date", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }

        await using Stream client = await upgrade.UpgradeAsync();
        if (answer.Rest.Length > 0)
        {
            await client.WriteAsync(answer.Rest, ended);
            await client.FlushAsync(ended);
        }

        await DuplexCopy.RunAsync(client, backend, ended);
    }

    /// <summary>Passes on an answer that is an error: its body is as long as it says, or as the connection lasts.</summary>
    private static async Task RelayAsync(ApiRequest request, Stream backend, UpgradeAnswer answer, CancellationToken ended)
    {
        const int Most = 1024 * 1024;
        HttpResponse response = request.Http.Response;
        response.StatusCode = answer.Code;
        foreach ((string name, string value) in answer.Headers)
        {
            if (ForwardedHeaders.Returns(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers.Append(name, value);
            }
        }

        using var body = new MemoryStream();
        body.Write(answer.Rest.Span);
        bool chunked = answer.Header("Transfer-Encoding")?.Contains("chunked", StringComparison.OrdinalIgnoreCase) == true;
        long length = long.TryParse(answer.Header("Content-Length"), out long given) ? Math.Min(given, Most) : chunked ? 0 : Most;
        var buffer = new byte[4096];
        while (chunked ? !EndsChunks(body) && body.Length < Most : body.Length < length)
        {
            int read = await backend.ReadAsync(buffer, ended);
            if (read == 0)
            {
                break;
            }

            body.Write(buffer, 0, read);
        }

        byte[] bytes = chunked ? Unchunked(body.ToArray()) : body.ToArray();
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, ended);
    }

    private static bool EndsChunks(MemoryStream body) => body.GetBuffer().AsSpan(0, (int)body.Length).EndsWith("0\r\n\r\n"u8);

    private static byte[] Unchunked(byte[] body)
    {
        using var plain = new MemoryStream();
        ReadOnlySpan<byte> rest = body;
        while (true)
        {
            int end = rest.IndexOf("\r\n"u8);
            if (end < 0 || !int.TryParse(Encoding.ASCII.GetString(rest[..end]).Split(';')[0], System.Globalization.NumberStyles.HexNumber, null, out int size) ||
                size <= 0 || rest.Length < end + 2 + size)
            {
                return plain.ToArray();
            }

            plain.Write(rest.Slice(end + 2, size));
            rest = rest[Math.Min(rest.Length, end + 4 + size)..];
        }
    }
}
